-- The exposed visitors with the session of their first exposure; overlapping sessions: the earlier.
INSERT INTO run_new_units
SELECT DISTINCT ON (u.site_id, u.experiment_id, u.visitor_id)
    u.site_id, u.experiment_id, u.visitor_id, u.variant, u.exposed_at, u.exposed_day,
    coalesce(s.country_id, 0), coalesce(s.device_id, 0), coalesce(s.source_id, 0),
    coalesce(w.first_day = u.exposed_day, true)
FROM run_exposures u
LEFT JOIN sessions s ON s.site_id = u.site_id AND s.visitor_id = u.visitor_id
    AND u.exposed_at BETWEEN s.started_at AND s.ended_at
LEFT JOIN visitors w ON w.site_id = u.site_id AND w.visitor_id = u.visitor_id
ORDER BY u.site_id, u.experiment_id, u.visitor_id, s.started_at, s.session_id
