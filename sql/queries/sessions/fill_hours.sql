-- The hours that the run takes out (-1) and puts in (1), with the dimensions of their sessions.
INSERT INTO run_hours
SELECT
    h.site_id, h.visitor_id, h.local_day, h.hour_at, h.first_at, h.last_at, h.converted_at, -1,
    s.source_id, s.channel_id, s.country_id, s.device_id, s.browser_id, s.os_id
FROM run_old_hours h
JOIN run_old_sessions s USING (site_id, started_at, session_id)
UNION ALL
SELECT
    h.site_id, h.visitor_id, h.local_day, h.hour_at, h.first_at, h.last_at, h.converted_at, 1,
    s.source_id, s.channel_id, s.country_id, s.device_id, s.browser_id, s.os_id
FROM run_new_hours h
JOIN run_new_sessions s USING (site_id, started_at, session_id)
