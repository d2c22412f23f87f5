-- The visitor-days that there should be, per dimension value, on the days the run touched: of all
-- sessions of the visitor, those outside the run included.
INSERT INTO run_target_days
SELECT h.site_id, v.dimension, v.value_id, h.visitor_id, h.local_day,
    min(CASE v.dimension WHEN 9 THEN h.converted_at ELSE h.first_at END)
FROM run_days d
JOIN session_hours h ON h.site_id = d.site_id AND h.visitor_id = d.visitor_id
    AND h.local_day = d.day
JOIN sessions s ON s.site_id = h.site_id AND s.started_at = h.started_at
    AND s.session_id = h.session_id
CROSS JOIN LATERAL (VALUES
    (0::smallint, 0), (1, s.source_id), (2, s.channel_id), (3, s.country_id), (4, s.device_id),
    (5, s.browser_id), (6, s.os_id), (9, CASE WHEN h.conversions > 0 THEN 0 END)
) AS v(dimension, value_id)
WHERE v.value_id IS NOT NULL
GROUP BY h.site_id, v.dimension, v.value_id, h.visitor_id, h.local_day
