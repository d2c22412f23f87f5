-- Grain: one row: whether the days of a range have so many sessions.
-- :site_id int, :first :last date, :many int
SELECT coalesce(sum(sessions), 0) >= %(many)s
FROM session_value_days
WHERE site_id = %(site_id)s AND dimension = 0 AND local_day BETWEEN %(first)s AND %(last)s
