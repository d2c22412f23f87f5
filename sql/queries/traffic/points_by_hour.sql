-- Grain: local hour, those without events included; bucket is the instant the hour begins.
-- :site_id int, :timezone text, :first :last date, :start :end timestamptz
WITH b AS (
    SELECT DISTINCT date_trunc('hour', quarter, %(timezone)s) AS hour_at
    FROM generate_series(%(start)s::timestamptz, %(end)s::timestamptz - INTERVAL '1 second',
        INTERVAL '15 minutes') AS quarter
),
e AS (
    SELECT date_trunc('hour', bucket, %(timezone)s) AS hour_at, sum(events)::bigint AS events,
        sum(pageviews)::bigint AS pageviews, sum(conversions)::bigint AS conversions,
        sum(purchases)::bigint AS purchases, sum(revenue_gross) AS revenue_gross,
        sum(revenue_net) AS revenue_net
    FROM event_quarters
    WHERE site_id = %(site_id)s AND local_day BETWEEN %(first)s AND %(last)s
    GROUP BY 1
),
s AS (
    SELECT date_trunc('hour', bucket, %(timezone)s) AS hour_at, sum(sessions)::bigint AS sessions,
        sum(bounces)::bigint AS bounces, sum(duration_us)::bigint AS duration_us,
        sum(pageviews)::bigint AS session_pageviews
    FROM session_quarters
    WHERE site_id = %(site_id)s AND local_day BETWEEN %(first)s AND %(last)s
    GROUP BY 1
),
n AS (
    SELECT date_trunc('hour', first_at, %(timezone)s) AS hour_at, count(*) AS new_visitors
    FROM visitors
    WHERE site_id = %(site_id)s AND first_at >= %(start)s AND first_at < %(end)s
    GROUP BY 1
),
c AS (
    SELECT hour_at, count(DISTINCT visitor_id) AS converting_visitors
    FROM session_hours
    WHERE site_id = %(site_id)s AND local_day BETWEEN %(first)s AND %(last)s AND conversions > 0
    GROUP BY 1
),
v AS (
    SELECT hour_at, visitors
    FROM hour_visitors
    WHERE site_id = %(site_id)s AND hour_at >= %(start)s - INTERVAL '1 hour'
        AND local_day BETWEEN %(first)s AND %(last)s
)
SELECT
    hour_at AS bucket,
    coalesce(visitors, 0) AS visitors, coalesce(new_visitors, 0) AS new_visitors,
    coalesce(converting_visitors, 0) AS converting_visitors, coalesce(sessions, 0) AS sessions,
    coalesce(bounces, 0) AS bounces, coalesce(duration_us, 0) AS duration_us,
    coalesce(session_pageviews, 0) AS session_pageviews, coalesce(events, 0) AS events,
    coalesce(pageviews, 0) AS pageviews, coalesce(conversions, 0) AS conversions,
    coalesce(purchases, 0) AS purchases,
    coalesce(revenue_gross, 0) AS revenue_gross, coalesce(revenue_net, 0) AS revenue_net
FROM b
LEFT JOIN e USING (hour_at)
LEFT JOIN s USING (hour_at)
LEFT JOIN n USING (hour_at)
LEFT JOIN c USING (hour_at)
LEFT JOIN v USING (hour_at)
ORDER BY hour_at
