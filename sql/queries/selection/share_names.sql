-- Grain: a share that no cut parts and an event name, as session_names. Needs shares.
-- :site_id int, :first :last date
SELECT n.name_id, n.visitor_id, n.started_at, n.session_id, n.events, n.conversions, n.revenue_net
FROM shares s
JOIN session_names n ON n.site_id = %(site_id)s AND n.local_day = s.local_day
    AND n.session_id = s.session_id AND n.started_at = s.started_at
WHERE NOT s.is_cut AND n.local_day BETWEEN %(first)s AND %(last)s
