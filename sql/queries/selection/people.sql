-- The distinct visitors of all shares, and by the values of some dimensions; adds grouped (by all that
-- is counted), masked (by the masks) and people to a WITH that has shares. The visitors of values
-- without a bit are counted by themselves. people: kind 0 the whole; a dimension's number: by_id; kind
-- 10: visitors whose first day on the site is local_day.
-- :site_id int, :first date; in the places in braces: names of the masks' columns, people_group for
-- all visitors, people_counts for each dimension
grouped AS MATERIALIZED (
    {groups}
),
masked AS MATERIALIZED (
    SELECT {masks}is_converting, sum(visitors)::bigint AS visitors
    FROM grouped
    GROUP BY {masks}is_converting
),
people AS MATERIALIZED (
    SELECT 0::smallint AS kind, 0 AS by_id, NULL::date AS local_day,
        coalesce(sum(visitors), 0)::bigint AS visitors,
        coalesce(sum(visitors) FILTER (WHERE is_new), 0)::bigint AS new_visitors,
        coalesce(sum(visitors) FILTER (WHERE is_converting), 0)::bigint AS converting_visitors
    FROM grouped
    UNION ALL
    SELECT 10, 0, new_day, 0, sum(visitors)::bigint, 0
    FROM grouped WHERE new_day IS NOT NULL GROUP BY new_day
    {counts}
)
