-- Grain, parameters and columns: as views.sql, of the selected sessions. Follows a WITH that has
-- shares.
SELECT
    l.value AS page, s.pageviews, s.all_pageviews
FROM (
    SELECT p.page_id, sum(p.views)::bigint AS pageviews,
        (sum(sum(p.views)) OVER ())::bigint AS all_pageviews
    FROM shares s
    JOIN session_pages p ON p.site_id = %(site_id)s AND p.local_day = s.local_day
        AND p.session_id = s.session_id AND p.started_at = s.started_at
    WHERE p.local_day BETWEEN %(first)s AND %(last)s
    GROUP BY p.page_id
    HAVING sum(p.views) > 0
) AS s
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.page_id
ORDER BY s.pageviews DESC, l.value
LIMIT %(most)s OFFSET %(skip)s
