-- What value_gaps should hold: visitor-days by day and previous day.
-- :site_id int
SELECT site_id, dimension, value_id, day, prev_day, count(*) AS visitors
FROM visitor_value_days
WHERE site_id = %(site_id)s
GROUP BY site_id, dimension, value_id, day, prev_day
