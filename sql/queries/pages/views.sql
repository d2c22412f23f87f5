-- Grain: page (path), most viewed first, from rollups. page: null = no path was sent.
-- :site_id int, :first :last date, :most :skip int
SELECT
    l.value AS page, s.pageviews, s.all_pageviews
FROM (
    SELECT page_id, sum(pageviews)::bigint AS pageviews,
        (sum(sum(pageviews)) OVER ())::bigint AS all_pageviews
    FROM page_views_between(%(site_id)s, %(first)s, %(last)s)
    GROUP BY page_id
) AS s
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.page_id
ORDER BY s.pageviews DESC, l.value
LIMIT %(most)s OFFSET %(skip)s
