-- Whether a session within the days has a view of the page by_id, for the visitors of {which}.
-- :site_id int, :by_id int, :first :whole_last date
(started_at, session_id) IN (
    SELECT started_at, session_id FROM session_pages
    WHERE site_id = %(site_id)s AND page_id = %(by_id)s AND views > 0
        AND local_day BETWEEN %(first)s AND %(whole_last)s AND {which}
)
