-- The hours (0) of sessions outside the run on the visitor-days that it touches. Goes between
-- taking out the old sessions and putting in the new ones.
INSERT INTO run_hours
SELECT
    h.site_id, h.visitor_id, h.local_day, h.hour_at, h.first_at, h.last_at, h.converted_at, 0,
    s.source_id, s.channel_id, s.country_id, s.device_id, s.browser_id, s.os_id
FROM run_days d
JOIN run_visitors v USING (site_id, visitor_id)
CROSS JOIN LATERAL (  -- OFFSET 0 keeps the order of the look-ups
    SELECT * FROM session_hours x
    WHERE x.site_id = d.site_id AND x.visitor_id = d.visitor_id AND x.local_day = d.day
    OFFSET 0
) AS h
CROSS JOIN LATERAL (
    SELECT * FROM sessions x
    WHERE x.site_id = h.site_id AND x.visitor_id = h.visitor_id
        AND x.started_at = h.started_at AND x.session_id = h.session_id
    OFFSET 0
) AS s
WHERE v.was_first_day <= d.day
