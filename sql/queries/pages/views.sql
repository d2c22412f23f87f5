-- Grain: page (path), most viewed first, from rollups; the pages of pages.sql. page: null = no path was
-- sent.
-- :site_id int, :first :last date, :most :skip int
WITH seen AS (
    SELECT page_id, sum(pageviews)::bigint AS pageviews
    FROM page_views_between(%(site_id)s, %(first)s, %(last)s)
    GROUP BY page_id
)
SELECT
    l.value AS page, s.pageviews,
    coalesce((SELECT sum(pageviews) FROM seen), 0)::bigint AS all_pageviews
FROM (
    SELECT page_id, pageviews FROM seen
    UNION ALL
    SELECT DISTINCT value_id, 0
    FROM session_value_days d
    WHERE d.site_id = %(site_id)s AND d.dimension IN (20, 21)
        AND d.local_day BETWEEN %(first)s AND %(last)s AND d.sessions > 0
        AND value_id NOT IN (SELECT page_id FROM seen)
        AND (SELECT count(*) FROM seen) < %(most)s + %(skip)s  -- they come last
) AS s
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.page_id
ORDER BY s.pageviews DESC, l.value
LIMIT %(most)s OFFSET %(skip)s
