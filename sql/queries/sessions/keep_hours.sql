-- The hours (0) of sessions outside the run on the visitor-days that it touches. Goes between
-- taking out the old sessions and putting in the new ones.
INSERT INTO run_hours
SELECT
    h.site_id, h.visitor_id, h.local_day, h.hour_at, h.first_at, h.converted_at, 0, s.source_id,
    s.channel_id, s.country_id, s.device_id, s.browser_id, s.os_id
FROM run_days d
JOIN session_hours h ON h.site_id = d.site_id AND h.visitor_id = d.visitor_id
    AND h.local_day = d.day
JOIN sessions s ON s.site_id = h.site_id AND s.started_at = h.started_at
    AND s.session_id = h.session_id
