-- Grain: bucket of an interval and value of a first-touch dimension, those with events or sessions
-- only, of the selected sessions and the :most values with most of them. Follows a WITH that begins
-- with selected (columns of sessions). ordinal: of the bucket, from 1. dimension_value: null =
-- unknown.
-- :froms timestamptz[] (instants the buckets begin, ascending), :start :end timestamptz (of the range),
-- :first :last date, :by_event bool (buckets are finer than an hour: read events), :most int,
-- {column}: the dimension's column in sessions
, listed AS (
    SELECT {column} AS value_id FROM selected
    GROUP BY 1
    ORDER BY count(*) FILTER (WHERE local_day BETWEEN %(first)s AND %(last)s) DESC, count(*) DESC, 1
    LIMIT %(most)s
),
valued AS (
    SELECT s.*, s.{column} AS value_id
    FROM selected s WHERE s.{column} IN (SELECT value_id FROM listed)
),
portions AS (
    SELECT s.value_id, h.visitor_id, h.first_at AS at, h.events, h.pageviews, h.conversions,
        h.purchases, h.revenue_gross, h.revenue_net
    FROM valued s
    JOIN session_hours h ON h.site_id = s.site_id AND h.session_id = s.session_id
        AND h.started_at = s.started_at
    WHERE NOT %(by_event)s AND h.local_day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT s.value_id, e.visitor_id, e.ts, 1, (e.kind = 1)::int, e.is_conversion::int,
        (e.kind = 4)::int, CASE e.kind WHEN 4 THEN coalesce(e.revenue, 0) ELSE 0 END,
        coalesce(e.revenue, 0)
    FROM valued s
    JOIN events e ON e.site_id = s.site_id AND e.visitor_id = s.visitor_id
        AND e.session_key = s.session_key AND e.ts BETWEEN s.started_at AND s.ended_at
    WHERE %(by_event)s AND e.ts >= %(start)s AND e.ts < %(end)s
),
e AS (
    SELECT ordinal, value_id, count(DISTINCT x.visitor_id) AS visitors,
        count(DISTINCT x.visitor_id) FILTER (WHERE v.first_at >= %(start)s
            AND width_bucket(v.first_at, %(froms)s::timestamptz[]) = ordinal) AS new_visitors,
        count(DISTINCT x.visitor_id) FILTER (WHERE conversions > 0) AS converting_visitors,
        sum(events)::bigint AS events, sum(pageviews)::bigint AS pageviews,
        sum(conversions)::bigint AS conversions, sum(purchases)::bigint AS purchases,
        sum(revenue_gross) AS revenue_gross, sum(revenue_net) AS revenue_net
    FROM portions x
    JOIN visitors v ON v.site_id = %(site_id)s AND v.visitor_id = x.visitor_id
    CROSS JOIN LATERAL (
        SELECT width_bucket(x.at, %(froms)s::timestamptz[]) AS ordinal
    ) AS b
    GROUP BY ordinal, value_id
),
s AS (
    SELECT width_bucket(started_at, %(froms)s::timestamptz[]) AS ordinal, value_id,
        count(*) AS sessions, count(*) FILTER (WHERE is_bounce) AS bounces,
        sum(duration_us)::bigint AS duration_us
    FROM valued
    WHERE local_day BETWEEN %(first)s AND %(last)s
    GROUP BY 1, 2
)
SELECT
    ordinal, l.value AS dimension_value, coalesce(e.visitors, 0) AS visitors,
    coalesce(new_visitors, 0) AS new_visitors,
    coalesce(converting_visitors, 0) AS converting_visitors, coalesce(sessions, 0) AS sessions,
    coalesce(bounces, 0) AS bounces, coalesce(duration_us, 0) AS duration_us,
    coalesce(events, 0) AS events, coalesce(pageviews, 0) AS pageviews,
    coalesce(conversions, 0) AS conversions, coalesce(purchases, 0) AS purchases,
    coalesce(revenue_gross, 0) AS revenue_gross, coalesce(revenue_net, 0) AS revenue_net
FROM e
FULL JOIN s USING (ordinal, value_id)
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = value_id
ORDER BY ordinal, l.value
