-- Sessions by the minute they start in, and visitors by the minute they were first seen in: old -1,
-- new +1. Goes before rewrite_visitors: until then visitors has the old first instant, while their
-- days have the new one.
WITH seen AS (
    SELECT site_id, visitor_id, min(first_at) FILTER (WHERE NOT is_new) AS was,
        min(first_at) FILTER (WHERE is_new) AS now
    FROM (
        SELECT site_id, visitor_id, started_at AS first_at, false AS is_new FROM run_old_sessions
        UNION ALL
        SELECT site_id, visitor_id, started_at, true FROM run_new_sessions
    ) AS s
    GROUP BY site_id, visitor_id
),
firsts AS (
    SELECT c.site_id, v.first_at AS was, d.first_at AS now
    FROM seen c
    LEFT JOIN visitors v USING (site_id, visitor_id)
    LEFT JOIN LATERAL (
        SELECT w.first_at FROM visitor_days w
        WHERE w.dimension = 0 AND w.site_id = c.site_id AND w.visitor_id = c.visitor_id
            AND w.value_id = 0
        ORDER BY w.day LIMIT 1
    ) AS d ON true
    WHERE c.was IS DISTINCT FROM c.now AND v.first_at IS DISTINCT FROM d.first_at
),
changes AS (
    SELECT site_id, started_at AS at, -1 AS sessions, -is_bounce::int AS bounces,
        -duration_us AS duration_us, 0 AS new_visitors
    FROM run_old_sessions
    UNION ALL
    SELECT site_id, started_at, 1, is_bounce::int, duration_us, 0 FROM run_new_sessions
    UNION ALL
    SELECT site_id, was, 0, 0, 0, -1 FROM firsts WHERE was IS NOT NULL
    UNION ALL
    SELECT site_id, now, 0, 0, 0, 1 FROM firsts WHERE now IS NOT NULL
)
INSERT INTO session_minutes AS m (site_id, minute, sessions, bounces, duration_us, new_visitors)
SELECT
    site_id, date_trunc('minute', at), sum(sessions), sum(bounces), sum(duration_us),
    sum(new_visitors)
FROM changes
GROUP BY 1, 2
HAVING sum(sessions) <> 0 OR sum(bounces) <> 0 OR sum(duration_us) <> 0 OR sum(new_visitors) <> 0
ORDER BY 1, 2
ON CONFLICT (site_id, minute) DO UPDATE SET
    sessions = m.sessions + excluded.sessions, bounces = m.bounces + excluded.bounces,
    duration_us = m.duration_us + excluded.duration_us,
    new_visitors = m.new_visitors + excluded.new_visitors
