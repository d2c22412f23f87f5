-- Takes out visitors of whom no hour is left.
DELETE FROM visitors v
USING run_visitors r
WHERE r.first_at IS NULL AND v.site_id = r.site_id AND v.visitor_id = r.visitor_id
