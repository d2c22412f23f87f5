-- What visitors should hold, the user id aside.
-- :site_id int
SELECT site_id, visitor_id, min(first_at) AS first_at, max(last_at) AS last_at,
    min(local_day) AS first_day
FROM session_hours
WHERE site_id = %(site_id)s
GROUP BY site_id, visitor_id
