-- Sessions within the days that view the page by_id, of the visitors of {which}; once for each day
-- with a view. Both sides are put in the order of an index, which also keeps the planner from
-- splitting one of them between processes: it then reads the halves of the visitors side by side.
-- :site_id int, :by_id int, :first :whole_last date, :start :end timestamptz
SELECT *
FROM (
    SELECT visitor_id, started_at, session_id
    FROM session_pages
    WHERE site_id = %(site_id)s AND page_id = %(by_id)s AND views > 0
        AND local_day BETWEEN %(first)s AND %(whole_last)s AND {which}
    ORDER BY visitor_id, started_at
) AS p
JOIN (
    SELECT *
    FROM sessions
    WHERE site_id = %(site_id)s AND {which}
        AND local_day >= %(first)s AND last_day <= %(whole_last)s
        AND started_at >= %(start)s AND started_at < %(end)s
    ORDER BY visitor_id, started_at
) AS s USING (visitor_id, started_at, session_id)
