-- Takes out the event names of the sessions that were taken out.
DELETE FROM session_names x
USING (
    SELECT site_id, session_id, started_at, day::date AS local_day
    FROM run_old_sessions
    CROSS JOIN LATERAL generate_series(local_day, last_day, INTERVAL '1 day') AS day
) AS o
WHERE x.site_id = o.site_id AND x.session_id = o.session_id AND x.started_at = o.started_at
    AND x.local_day = o.local_day
