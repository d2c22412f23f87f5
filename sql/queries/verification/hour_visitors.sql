-- What hour_visitors should hold.
-- :site_id int
SELECT site_id, hour_at, local_day, count(DISTINCT visitor_id) AS visitors
FROM session_hours
WHERE site_id = %(site_id)s
GROUP BY 1, 2, 3
