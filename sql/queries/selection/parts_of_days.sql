-- Grain: the rows of parts (see filtered_days) of kind 0, of some first-touch dimensions and of the hours.
-- Needs shares, or hours, with the dimension and value_id that they are selected by. A visitor counts
-- in the first of its rows in the day and in the hour.
-- {from}: hours, or shares with a constant as hour_at; {sets}: GROUPING SETS of their columns, {kind}:
-- the kind of a set, {by_id}: its value
SELECT
    dimension, value_id, kind, local_day, by_id, sessions, bounces, duration_us, session_pageviews,
    events, pageviews, conversions, purchases, revenue_gross, revenue_net,
    CASE kind WHEN 0 THEN day_visitors WHEN 7 THEN hour_visitors ELSE 0 END AS visitors,
    0::bigint AS converting_visitors
FROM (
    SELECT
        dimension, value_id, {kind}::smallint AS kind, local_day, {by_id} AS by_id,
        count(*) FILTER (WHERE is_start) AS sessions,
        count(*) FILTER (WHERE is_start AND is_bounce) AS bounces,
        coalesce(sum(duration_us) FILTER (WHERE is_start), 0)::bigint AS duration_us,
        coalesce(sum(session_pageviews) FILTER (WHERE is_start), 0)::bigint AS session_pageviews,
        sum(events)::bigint AS events, sum(pageviews)::bigint AS pageviews,
        sum(conversions)::bigint AS conversions, sum(purchases)::bigint AS purchases,
        coalesce(sum(nullif(revenue_gross, 0)), 0) AS revenue_gross,
        coalesce(sum(nullif(revenue_net, 0)), 0) AS revenue_net,
        count(*) FILTER (WHERE day_before IS DISTINCT FROM local_day) AS day_visitors,
        count(*) FILTER (WHERE day_before IS DISTINCT FROM local_day
            OR hour_before IS DISTINCT FROM hour_at) AS hour_visitors
    FROM (
        SELECT *, lag(local_day) OVER of_visitor AS day_before, lag(hour_at) OVER of_visitor AS hour_before
        FROM {from} AS s
        WINDOW of_visitor AS (
            PARTITION BY dimension, value_id, visitor_id ORDER BY local_day, hour_at)
    ) AS s
    GROUP BY dimension, value_id, local_day, GROUPING SETS ({sets})
) AS sums
UNION ALL
SELECT
    dimension, value_id, 0, local_day, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, count(*)
FROM (
    SELECT dimension, value_id, local_day, visitor_id
    FROM shares
    WHERE conversions > 0
    GROUP BY dimension, value_id, local_day, visitor_id
) AS people
GROUP BY dimension, value_id, local_day
