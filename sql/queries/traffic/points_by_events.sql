-- Grain: bucket, empty ones included, from the events and sessions of at most a day; bucket is the
-- instant it begins. The last one, which begins at the end, is empty.
-- :site_id int, :froms timestamptz[] (instants the buckets begin, ascending),
-- :start :end timestamptz (the first and the last of them)
WITH b AS (
    SELECT from_at, ordinal FROM unnest(%(froms)s::timestamptz[]) WITH ORDINALITY AS u(from_at, ordinal)
),
e AS (
    SELECT width_bucket(ts, %(froms)s::timestamptz[]) AS ordinal, count(*) AS events,
        count(DISTINCT visitor_id) AS visitors,
        count(DISTINCT visitor_id) FILTER (WHERE is_conversion) AS converting_visitors,
        count(*) FILTER (WHERE kind = 1) AS pageviews,
        count(*) FILTER (WHERE is_conversion) AS conversions,
        count(*) FILTER (WHERE kind = 4) AS purchases,
        coalesce(sum(revenue) FILTER (WHERE kind = 4), 0) AS revenue_gross,
        coalesce(sum(revenue), 0) AS revenue_net
    FROM events
    WHERE site_id = %(site_id)s AND ts >= %(start)s AND ts < %(end)s
    GROUP BY 1
),
s AS (
    SELECT width_bucket(started_at, %(froms)s::timestamptz[]) AS ordinal, count(*) AS sessions,
        count(*) FILTER (WHERE is_bounce) AS bounces, sum(duration_us)::bigint AS duration_us,
        sum(pageviews)::bigint AS session_pageviews
    FROM sessions
    WHERE site_id = %(site_id)s AND started_at >= %(start)s AND started_at < %(end)s
    GROUP BY 1
),
n AS (
    SELECT width_bucket(first_at, %(froms)s::timestamptz[]) AS ordinal, count(*) AS new_visitors
    FROM visitors
    WHERE site_id = %(site_id)s AND first_at >= %(start)s AND first_at < %(end)s
    GROUP BY 1
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
FROM b
LEFT JOIN e USING (ordinal)
LEFT JOIN s USING (ordinal)
LEFT JOIN n USING (ordinal)
ORDER BY ordinal
