-- Grain: the rows of parts (see filtered_days) of kind 0 and of some first-touch dimensions. Needs
-- shares with the dimension and value_id that they are selected by. They are summed by all columns at
-- once and then by each, which need not see every share again.
-- {columns}: of shares, {sets}: GROUPING SETS of them, {kind}: the kind of a set, {by_id}: its value
SELECT
    dimension, value_id, {kind}::smallint AS kind, local_day, {by_id} AS by_id,
    sum(sessions)::bigint AS sessions, sum(bounces)::bigint AS bounces,
    sum(duration_us)::bigint AS duration_us, sum(session_pageviews)::bigint AS session_pageviews,
    sum(events)::bigint AS events, sum(pageviews)::bigint AS pageviews,
    sum(conversions)::bigint AS conversions, sum(purchases)::bigint AS purchases,
    sum(gross) AS revenue_gross, sum(net) AS revenue_net,
    0::bigint AS visitors, 0::bigint AS converting_visitors
FROM (
    SELECT
        dimension, value_id, {columns}local_day,
        count(*) FILTER (WHERE is_start) AS sessions,
        count(*) FILTER (WHERE is_start AND is_bounce) AS bounces,
        coalesce(sum(duration_us) FILTER (WHERE is_start), 0) AS duration_us,
        coalesce(sum(session_pageviews) FILTER (WHERE is_start), 0) AS session_pageviews,
        sum(events) AS events, sum(pageviews) AS pageviews, sum(conversions) AS conversions,
        sum(purchases) AS purchases, coalesce(sum(nullif(revenue_gross, 0)), 0) AS gross,
        coalesce(sum(nullif(revenue_net, 0)), 0) AS net
    FROM shares
    GROUP BY dimension, value_id, {columns}local_day
) AS sums
GROUP BY dimension, value_id, local_day, GROUPING SETS ({sets})
UNION ALL
SELECT
    dimension, value_id, 0, local_day, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, count(*),
    count(*) FILTER (WHERE is_converting)
FROM (
    SELECT dimension, value_id, local_day, visitor_id, bool_or(conversions > 0) AS is_converting
    FROM shares
    GROUP BY dimension, value_id, local_day, visitor_id
) AS people
GROUP BY dimension, value_id, local_day
