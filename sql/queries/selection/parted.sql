-- Grain: one row: the visitors of the sessions with a value that reach into a range and do not lie
-- within its days up to whole_last, so that their shares must be looked at.
-- :site_id int, :by_id int, :first :last :whole_last date, {column}: the dimension's in sessions
SELECT coalesce(array_agg(visitor_id), '{}')
FROM (
    SELECT visitor_id
    FROM sessions
    WHERE site_id = %(site_id)s AND {column} = %(by_id)s AND last_day > local_day
        AND last_day >= %(first)s AND local_day <= %(last)s
        AND (local_day < %(first)s OR last_day > %(whole_last)s)
    UNION
    SELECT visitor_id
    FROM sessions
    WHERE site_id = %(site_id)s AND {column} = %(by_id)s
        AND local_day > %(whole_last)s AND local_day <= %(last)s
) AS parted
