-- Visitors whose first instant the run moves. Goes before rewrite_visitors: until then visitors has
-- the old first instant, while their days have the new one.
-- was_at, is_at: null for a visitor that comes or goes
WITH seen AS (
    SELECT site_id, visitor_id, min(first_at) FILTER (WHERE NOT is_new) AS was,
        min(first_at) FILTER (WHERE is_new) AS now
    FROM (
        SELECT site_id, visitor_id, started_at AS first_at, false AS is_new FROM run_old_sessions
        UNION ALL
        SELECT site_id, visitor_id, started_at, true FROM run_new_sessions
    ) AS s
    GROUP BY site_id, visitor_id
)
INSERT INTO run_firsts
SELECT c.site_id, v.first_at, d.first_at
FROM seen c
LEFT JOIN visitors v USING (site_id, visitor_id)
LEFT JOIN LATERAL (
    SELECT w.first_at FROM visitor_days w
    WHERE w.dimension = 0 AND w.site_id = c.site_id AND w.visitor_id = c.visitor_id
        AND w.value_id = 0
    ORDER BY w.day LIMIT 1
) AS d ON true
WHERE c.was IS DISTINCT FROM c.now AND v.first_at IS DISTINCT FROM d.first_at
