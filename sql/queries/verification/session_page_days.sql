-- What session_page_days should hold.
-- :site_id int
SELECT
    site_id, local_day, page_id, count(*) FILTER (WHERE views > 0) AS visits,
    sum(engaged_ms)::bigint AS engaged_ms
FROM session_pages
WHERE site_id = %(site_id)s
GROUP BY 1, 2, 3
