-- Grain: a local day of the range, those without events included, of the selected sessions. Follows
-- a WITH that has parts and people.
-- :first :last date
SELECT
    b.bucket, coalesce(s.visitors, 0) AS visitors, coalesce(p.new_visitors, 0) AS new_visitors,
    coalesce(s.converting_visitors, 0) AS converting_visitors, coalesce(sessions, 0) AS sessions,
    coalesce(bounces, 0) AS bounces, coalesce(duration_us, 0) AS duration_us,
    coalesce(session_pageviews, 0) AS session_pageviews, coalesce(events, 0) AS events,
    coalesce(pageviews, 0) AS pageviews, coalesce(conversions, 0) AS conversions,
    coalesce(purchases, 0) AS purchases, coalesce(revenue_gross, 0) AS revenue_gross,
    coalesce(revenue_net, 0) AS revenue_net
FROM (
    SELECT day::date AS bucket
    FROM generate_series(%(first)s::timestamp, %(last)s::timestamp, INTERVAL '1 day') AS day
) AS b
LEFT JOIN (
    SELECT local_day, sum(visitors)::bigint AS visitors,
        sum(converting_visitors)::bigint AS converting_visitors, sum(sessions)::bigint AS sessions,
        sum(bounces)::bigint AS bounces, sum(duration_us)::bigint AS duration_us,
        sum(session_pageviews)::bigint AS session_pageviews, sum(events)::bigint AS events,
        sum(pageviews)::bigint AS pageviews, sum(conversions)::bigint AS conversions,
        sum(purchases)::bigint AS purchases, sum(revenue_gross) AS revenue_gross,
        sum(revenue_net) AS revenue_net
    FROM parts WHERE kind = 0
    GROUP BY local_day
) AS s ON s.local_day = b.bucket
LEFT JOIN people p ON p.kind = 10 AND p.local_day = b.bucket
ORDER BY b.bucket
