-- Distinct visitors by local hour. A visitor's hour comes or goes when the run changes it and no
-- session outside the run holds it.
WITH held AS (
    SELECT
        site_id, visitor_id, local_day, hour_at, bool_or(sign = -1) AS was, bool_or(sign = 1) AS holds
    FROM (SELECT -1 AS sign, * FROM run_old_hours UNION ALL SELECT 1, * FROM run_new_hours) AS h
    GROUP BY site_id, visitor_id, local_day, hour_at
),
changed AS (
    SELECT * FROM held h
    WHERE was <> holds AND NOT EXISTS (
        SELECT FROM session_hours o
        WHERE o.site_id = h.site_id AND o.visitor_id = h.visitor_id AND o.local_day = h.local_day
            AND o.hour_at = h.hour_at
            AND NOT EXISTS (
                SELECT FROM run_new_hours n
                WHERE n.site_id = o.site_id AND n.session_id = o.session_id
                    AND n.started_at = o.started_at AND n.hour_at = o.hour_at))
)
INSERT INTO hour_visitors AS v (site_id, hour_at, local_day, visitors)
SELECT site_id, hour_at, local_day, sum(CASE WHEN holds THEN 1 ELSE -1 END)
FROM changed
GROUP BY 1, 2, 3
ORDER BY 1, 2
ON CONFLICT (site_id, hour_at) DO UPDATE SET visitors = v.visitors + excluded.visitors
