-- The selected sessions' events, and their starts, by minute. Follows a WITH that has shares; begins a
-- WITH of placed.
-- :site_id int, :froms timestamptz[] (instants the buckets begin, ascending), {value_id}: the label of
-- a share's value
WITH placed AS (
    SELECT width_bucket(e.ts, %(froms)s::timestamptz[]) AS ordinal, {value_id} AS value_id,
        e.visitor_id, false AS is_start, false AS is_bounce, 0 AS duration_us,
        0 AS session_pageviews, 1 AS events, (e.kind = 1)::int AS pageviews,
        e.is_conversion::int AS conversions, (e.kind = 4)::int AS purchases,
        CASE e.kind WHEN 4 THEN coalesce(e.revenue, 0) ELSE 0 END AS revenue_gross,
        coalesce(e.revenue, 0) AS revenue_net
    FROM shares s
    JOIN events e ON e.site_id = %(site_id)s AND e.visitor_id = s.visitor_id
        AND e.session_key = s.session_key AND e.ts BETWEEN s.first_at AND s.last_at
    UNION ALL
    SELECT width_bucket(started_at, %(froms)s::timestamptz[]), {value_id}, visitor_id, true,
        is_bounce, duration_us, session_pageviews, 0, 0, 0, 0, 0, 0
    FROM shares s WHERE is_start
)
