-- Grain: a value with so many sessions on a day that what a filter on it shows is stored.
-- :site_id int, :day date, :least bigint
SELECT dimension, value_id
FROM session_value_days
WHERE site_id = %(site_id)s AND dimension BETWEEN 1 AND 6 AND local_day = %(day)s
    AND sessions >= %(least)s
