-- Distinct visitors by local hour: a visitor's hour comes or goes with the last session that holds it.
WITH changed AS (
    SELECT site_id, local_day, hour_at, CASE WHEN bool_or(state >= 0) THEN 1 ELSE -1 END AS sign
    FROM run_hours
    GROUP BY site_id, visitor_id, local_day, hour_at
    HAVING bool_or(state >= 0) <> bool_or(state <= 0)
)
INSERT INTO hour_visitors AS v (site_id, hour_at, local_day, visitors)
SELECT site_id, hour_at, local_day, sum(sign)
FROM changed
GROUP BY 1, 2, 3
ORDER BY 1, 2
ON CONFLICT (site_id, hour_at) DO UPDATE SET visitors = v.visitors + excluded.visitors
