-- Grain: a share that the cut parts and a page, as share_pages. Needs shares.
-- :site_id int
SELECT e.path_id, e.visitor_id, (count(*) FILTER (WHERE e.kind = 1))::int, sum(e.duration_ms)
FROM shares s
JOIN events e ON e.site_id = %(site_id)s AND e.visitor_id = s.visitor_id
    AND e.session_key = s.session_key AND e.ts BETWEEN s.first_at AND s.last_at
WHERE s.is_cut AND (e.kind = 1 OR e.duration_ms > 0 AND e.path_id <> 0)
GROUP BY s.started_at, s.session_id, e.visitor_id, e.path_id
