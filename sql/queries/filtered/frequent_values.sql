-- Grain: a value with so many sessions on a day that what a filter on it shows is stored. Dimension 8
-- are the pages: there may be many, so they must also have a share of all sessions.
-- :site_id int, :day date, :least bigint, :least_share float8
SELECT dimension, value_id
FROM session_value_days
WHERE site_id = %(site_id)s AND dimension BETWEEN 1 AND 6 AND local_day = %(day)s
    AND sessions >= %(least)s
UNION ALL
SELECT 8::smallint, page_id
FROM session_page_days
WHERE site_id = %(site_id)s AND local_day = %(day)s AND visits >= greatest(%(least)s,
    %(least_share)s * (
        SELECT sum(sessions) FROM session_quarters
        WHERE site_id = %(site_id)s AND local_day = %(day)s))
