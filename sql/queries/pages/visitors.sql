-- Grain: a page of {ids} that was viewed. visitors: distinct, of page views. {of_cut}: a SELECT of those
-- of the day that is cut, to add
-- :site_id int, :first :whole_last date, {ids}: name of an int[]
SELECT page_id, count(DISTINCT visitor_id) AS visitors
FROM (
    SELECT page_id, visitor_id
    FROM session_pages
    WHERE site_id = %(site_id)s AND local_day BETWEEN %(first)s AND %(whole_last)s AND views > 0
    {of_cut}
) AS viewed
WHERE page_id = ANY(%({ids})s::int[])
GROUP BY page_id
