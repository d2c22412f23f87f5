-- Sessions of the visitors of {which} that view the page by_id within the days, once for each day with
-- a view; some reach beyond the days. In the order of visitors, as those are read.
-- :site_id int, :by_id int, :first :whole_last date
SELECT
    visitor_id, session_day AS local_day, conversions, source_id, channel_id, country_id, device_id,
    browser_id, os_id
FROM session_pages
WHERE site_id = %(site_id)s AND page_id = %(by_id)s AND views > 0
    AND local_day BETWEEN %(first)s AND %(whole_last)s AND {which}
ORDER BY visitor_id
