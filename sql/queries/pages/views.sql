-- Grain: page (path), most viewed first, from rollups. Follows a WITH that has seen and unseen. page:
-- null = no path was sent.
-- :site_id int, :most :skip int
SELECT
    s.page_id, l.value AS page, s.pageviews,
    coalesce((SELECT sum(pageviews) FROM seen), 0)::bigint AS all_pageviews
FROM (
    SELECT page_id, pageviews FROM seen
    UNION ALL
    SELECT page_id, 0 FROM unseen
) AS s
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.page_id
ORDER BY s.pageviews DESC, l.value
LIMIT %(most)s OFFSET %(skip)s
