-- Grain, parameters and columns: as views.sql, of the selected sessions. Follows a WITH that has
-- shares.
, seen AS (
    SELECT p.page_id, sum(p.views)::bigint AS pageviews
    FROM shares s
    JOIN session_pages p ON p.site_id = %(site_id)s AND p.local_day = s.local_day
        AND p.session_id = s.session_id AND p.started_at = s.started_at
    WHERE p.local_day BETWEEN %(first)s AND %(last)s
    GROUP BY p.page_id
    HAVING sum(p.views) > 0
)
SELECT
    l.value AS page, s.pageviews,
    coalesce((SELECT sum(pageviews) FROM seen), 0)::bigint AS all_pageviews
FROM (
    SELECT page_id, pageviews FROM seen
    UNION ALL
    SELECT DISTINCT e.page_id, 0
    FROM shares
    CROSS JOIN LATERAL (VALUES (entry_page_id), (exit_page_id)) AS e(page_id)
    WHERE is_start AND session_pageviews > 0 AND e.page_id NOT IN (SELECT page_id FROM seen)
        AND (SELECT count(*) FROM seen) < %(most)s + %(skip)s  -- they come last
) AS s
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.page_id
ORDER BY s.pageviews DESC, l.value
LIMIT %(most)s OFFSET %(skip)s
