-- Sessions by the quarter hour they start in: old -1, new +1.
INSERT INTO session_quarters AS q
    (site_id, bucket, local_day, sessions, bounces, duration_us, pageviews)
SELECT
    site_id, time_bucket(INTERVAL '15 minutes', started_at), local_day, sum(sign),
    sum(sign * is_bounce::int), sum(sign * duration_us), sum(sign * pageviews)
FROM (
    SELECT -1 AS sign, * FROM run_old_sessions UNION ALL SELECT 1, * FROM run_new_sessions
) AS s
GROUP BY 1, 2, 3
HAVING sum(sign) <> 0 OR sum(sign * is_bounce::int) <> 0 OR sum(sign * duration_us) <> 0
    OR sum(sign * pageviews) <> 0
ORDER BY 1, 2
ON CONFLICT (site_id, bucket) DO UPDATE SET
    sessions = q.sessions + excluded.sessions, bounces = q.bounces + excluded.bounces,
    duration_us = q.duration_us + excluded.duration_us, pageviews = q.pageviews + excluded.pageviews
