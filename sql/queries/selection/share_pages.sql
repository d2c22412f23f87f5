-- Grain: a share that no cut parts and a page, as session_pages. Needs shares.
-- :site_id int, :first :last date
SELECT p.page_id, p.visitor_id, p.views, p.engaged_ms
FROM shares s
JOIN session_pages p ON p.site_id = %(site_id)s AND p.local_day = s.local_day
    AND p.session_id = s.session_id AND p.started_at = s.started_at
WHERE NOT s.is_cut AND p.local_day BETWEEN %(first)s AND %(last)s
