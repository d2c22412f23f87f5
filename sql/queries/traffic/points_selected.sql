-- Grain: bucket of an interval, those without events included, of the selected sessions. Follows a
-- WITH that has placed (traffic/place_*).
-- :site_id int, :froms timestamptz[] (instants the buckets begin, ascending), :start :end timestamptz
, sums AS (
    SELECT ordinal, count(*) FILTER (WHERE is_start) AS sessions,
        count(*) FILTER (WHERE is_start AND is_bounce) AS bounces,
        (sum(duration_us) FILTER (WHERE is_start))::bigint AS duration_us,
        (sum(session_pageviews) FILTER (WHERE is_start))::bigint AS session_pageviews,
        sum(events)::bigint AS events, sum(pageviews)::bigint AS pageviews,
        sum(conversions)::bigint AS conversions, sum(purchases)::bigint AS purchases,
        sum(revenue_gross) AS revenue_gross, sum(revenue_net) AS revenue_net
    FROM placed
    GROUP BY ordinal
),
people AS (
    SELECT ordinal, visitor_id, bool_or(conversions > 0) AS is_converting
    FROM placed
    GROUP BY ordinal, visitor_id
),
counts AS (
    SELECT ordinal, count(*) AS visitors,
        count(*) FILTER (WHERE v.first_at >= %(start)s AND v.first_at < %(end)s
            AND width_bucket(v.first_at, %(froms)s::timestamptz[]) = ordinal) AS new_visitors,
        count(*) FILTER (WHERE is_converting) AS converting_visitors
    FROM people
    JOIN visitors v USING (visitor_id)
    WHERE v.site_id = %(site_id)s
    GROUP BY ordinal
)
SELECT
    from_at AS bucket, coalesce(visitors, 0) AS visitors,
    coalesce(new_visitors, 0) AS new_visitors,
    coalesce(converting_visitors, 0) AS converting_visitors, coalesce(sessions, 0) AS sessions,
    coalesce(bounces, 0) AS bounces, coalesce(duration_us, 0) AS duration_us,
    coalesce(session_pageviews, 0) AS session_pageviews, coalesce(events, 0) AS events,
    coalesce(pageviews, 0) AS pageviews, coalesce(conversions, 0) AS conversions,
    coalesce(purchases, 0) AS purchases,
    coalesce(revenue_gross, 0) AS revenue_gross, coalesce(revenue_net, 0) AS revenue_net
FROM unnest(%(froms)s::timestamptz[]) WITH ORDINALITY AS b(from_at, ordinal)
LEFT JOIN sums USING (ordinal)
LEFT JOIN counts USING (ordinal)
ORDER BY ordinal
