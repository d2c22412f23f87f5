-- Puts in the visitors that were not known.
INSERT INTO visitors (site_id, visitor_id, first_at, last_at, first_day, user_id)
SELECT site_id, visitor_id, first_at, last_at, first_day, user_id
FROM run_visitors
WHERE was_first_at IS NULL
ORDER BY visitor_id
