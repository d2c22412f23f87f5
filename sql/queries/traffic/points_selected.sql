-- Grain: bucket of an interval, those without events included, of the selected sessions. Follows a
-- WITH that begins with selected (columns of sessions).
-- :froms timestamptz[] (instants the buckets begin, ascending; the last ends with the range),
-- :first :last date, :by_event bool (buckets are finer than an hour: read events)
, b AS (
    SELECT ordinal, from_at
    FROM unnest(%(froms)s::timestamptz[])
        WITH ORDINALITY AS u(from_at, ordinal)
),
shares AS (
    SELECT h.visitor_id, h.first_at AS at, h.events, h.pageviews, h.conversions, h.purchases,
        h.revenue_gross, h.revenue_net
    FROM selected s
    JOIN session_hours h ON h.site_id = s.site_id AND h.session_id = s.session_id
        AND h.started_at = s.started_at
    WHERE NOT %(by_event)s AND h.local_day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT e.visitor_id, e.ts, 1, (e.kind = 1)::int, e.is_conversion::int, (e.kind = 4)::int,
        CASE e.kind WHEN 4 THEN coalesce(e.revenue, 0) ELSE 0 END, coalesce(e.revenue, 0)
    FROM selected s
    JOIN events e ON e.site_id = s.site_id AND e.visitor_id = s.visitor_id
        AND e.session_key = s.session_key AND e.ts BETWEEN s.started_at AND s.ended_at
    WHERE %(by_event)s AND e.local_day BETWEEN %(first)s AND %(last)s
),
placed AS (
    SELECT b.ordinal, x.*
    FROM shares x
    JOIN b ON b.ordinal = width_bucket(x.at, %(froms)s::timestamptz[])
),
e AS (
    SELECT ordinal, count(DISTINCT visitor_id) AS visitors,
        count(DISTINCT visitor_id) FILTER (WHERE conversions > 0) AS converting_visitors,
        sum(events)::bigint AS events, sum(pageviews)::bigint AS pageviews,
        sum(conversions)::bigint AS conversions, sum(purchases)::bigint AS purchases,
        sum(revenue_gross) AS revenue_gross, sum(revenue_net) AS revenue_net
    FROM placed
    GROUP BY ordinal
),
n AS (
    SELECT width_bucket(v.first_at, %(froms)s::timestamptz[]) AS ordinal, count(*) AS new_visitors
    FROM (SELECT DISTINCT visitor_id FROM shares) AS p
    JOIN visitors v ON v.site_id = %(site_id)s AND v.visitor_id = p.visitor_id
        AND v.first_at >= %(start)s AND v.first_at < %(end)s
    WHERE EXISTS (
        SELECT FROM placed x
        WHERE x.visitor_id = p.visitor_id
            AND x.ordinal = width_bucket(v.first_at, %(froms)s::timestamptz[]))
    GROUP BY 1
),
s AS (
    SELECT width_bucket(started_at, %(froms)s::timestamptz[]) AS ordinal, count(*) AS sessions,
        count(*) FILTER (WHERE is_bounce) AS bounces, sum(duration_us)::bigint AS duration_us,
        sum(pageviews)::bigint AS session_pageviews
    FROM selected
    WHERE local_day BETWEEN %(first)s AND %(last)s
    GROUP BY 1
)
SELECT
    b.from_at AS bucket, coalesce(visitors, 0) AS visitors,
    coalesce(new_visitors, 0) AS new_visitors,
    coalesce(converting_visitors, 0) AS converting_visitors, coalesce(sessions, 0) AS sessions,
    coalesce(bounces, 0) AS bounces, coalesce(duration_us, 0) AS duration_us,
    coalesce(session_pageviews, 0) AS session_pageviews, coalesce(events, 0) AS events,
    coalesce(pageviews, 0) AS pageviews, coalesce(conversions, 0) AS conversions,
    coalesce(purchases, 0) AS purchases,
    coalesce(revenue_gross, 0) AS revenue_gross, coalesce(revenue_net, 0) AS revenue_net
FROM b
LEFT JOIN e USING (ordinal)
LEFT JOIN n USING (ordinal)
LEFT JOIN s USING (ordinal)
ORDER BY ordinal
