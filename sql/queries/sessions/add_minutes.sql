-- Sessions by the minute they start in, and visitors by the minute they were first seen in: old -1,
-- new +1.
WITH changes AS (
    SELECT site_id, started_at AS at, -1 AS sessions, -is_bounce::int AS bounces,
        -duration_us AS duration_us, 0 AS new_visitors
    FROM run_old_sessions
    UNION ALL
    SELECT site_id, started_at, 1, is_bounce::int, duration_us, 0 FROM run_new_sessions
    UNION ALL
    SELECT f.site_id, f.at, 0, 0, 0, f.new_visitors
    FROM run_visitors r
    CROSS JOIN LATERAL (VALUES
        (r.site_id, r.was_first_at, -1), (r.site_id, r.first_at, 1)
    ) AS f(site_id, at, new_visitors)
    WHERE r.was_first_at IS DISTINCT FROM r.first_at AND f.at IS NOT NULL
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
