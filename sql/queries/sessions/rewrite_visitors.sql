-- First and last sight of the run's visitors, from their days and sessions.
INSERT INTO visitors AS v (site_id, visitor_id, first_at, last_at, first_day, user_id)
SELECT d.site_id, d.visitor_id, first.first_at, last.last_at, first.day, u.user_id
FROM (SELECT DISTINCT site_id, visitor_id FROM run_days) AS d
CROSS JOIN LATERAL (
    SELECT first_at, day FROM visitor_days w
    WHERE w.dimension = 0 AND w.site_id = d.site_id AND w.visitor_id = d.visitor_id
        AND w.value_id = 0
    ORDER BY day LIMIT 1
) AS first
CROSS JOIN LATERAL (
    SELECT max(h.last_at) AS last_at FROM session_hours h
    WHERE h.site_id = d.site_id AND h.visitor_id = d.visitor_id AND h.local_day = (
        SELECT max(w.local_day) FROM session_hours w
        WHERE w.site_id = d.site_id AND w.visitor_id = d.visitor_id)
) AS last
LEFT JOIN (
    SELECT DISTINCT ON (site_id, visitor_id) site_id, visitor_id, user_id
    FROM run_events WHERE user_id IS NOT NULL
    ORDER BY site_id, visitor_id, pos DESC
) AS u USING (site_id, visitor_id)
ORDER BY d.site_id, d.visitor_id
ON CONFLICT (site_id, visitor_id) DO UPDATE SET
    first_at = excluded.first_at, last_at = coalesce(excluded.last_at, v.last_at),
    first_day = excluded.first_day, user_id = coalesce(excluded.user_id, v.user_id)
