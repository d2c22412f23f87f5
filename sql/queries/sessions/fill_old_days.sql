-- The local days of the sessions that were taken out, as their hours, pages and names are keyed.
INSERT INTO run_old_days
SELECT site_id, day::date, session_id, started_at
FROM run_old_sessions
CROSS JOIN LATERAL generate_series(local_day, last_day, INTERVAL '1 day') AS day
