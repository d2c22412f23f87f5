-- Grain: the rows of parts (see filtered_days) of kind 0 and of some first-touch dimensions. Needs
-- shares with the dimension and value_id that they are selected by.
-- {sets}: GROUPING SETS of columns of shares, {kind}: the kind of a set, {by_id}: its column
SELECT
    dimension, value_id, {kind}::smallint AS kind, local_day, {by_id} AS by_id,
    count(*) FILTER (WHERE is_start) AS sessions,
    count(*) FILTER (WHERE is_start AND is_bounce) AS bounces,
    coalesce(sum(duration_us) FILTER (WHERE is_start), 0)::bigint AS duration_us,
    coalesce(sum(session_pageviews) FILTER (WHERE is_start), 0)::bigint AS session_pageviews,
    sum(events)::bigint AS events, sum(pageviews)::bigint AS pageviews,
    sum(conversions)::bigint AS conversions, sum(purchases)::bigint AS purchases,
    coalesce(sum(gross), 0) AS revenue_gross, coalesce(sum(net), 0) AS revenue_net,
    0::bigint AS visitors, 0::bigint AS converting_visitors
FROM (
    SELECT *, nullif(revenue_gross, 0) AS gross, nullif(revenue_net, 0) AS net FROM shares
) AS s
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
