-- Grain, parameters and columns: as pages.sql, of the selected sessions. Follows a WITH that begins
-- with selected (columns of sessions).
, seen AS (
    SELECT p.page_id, sum(p.views)::bigint AS pageviews,
        count(DISTINCT p.visitor_id) FILTER (WHERE p.views > 0) AS visitors,
        count(*) FILTER (WHERE p.views > 0) AS visits, sum(p.engaged_ms)::bigint AS engaged_ms
    FROM selected s
    JOIN session_pages p ON p.site_id = s.site_id AND p.session_id = s.session_id
        AND p.started_at = s.started_at
    WHERE p.local_day BETWEEN %(first)s AND %(last)s
    GROUP BY p.page_id
    HAVING sum(p.views) > 0
),
entry AS (
    SELECT entry_page_id AS page_id, count(*) AS entries,
        count(*) FILTER (WHERE is_bounce) AS bounces
    FROM selected WHERE local_day BETWEEN %(first)s AND %(last)s GROUP BY 1
),
exit AS (
    SELECT exit_page_id AS page_id, count(*) AS exits
    FROM selected WHERE local_day BETWEEN %(first)s AND %(last)s GROUP BY 1
)
SELECT
    l.value AS page, s.pageviews, (SELECT sum(pageviews) FROM seen)::bigint AS all_pageviews,
    s.visitors, coalesce(entries, 0) AS entries, coalesce(bounces, 0) AS bounces,
    coalesce(exits, 0) AS exits, s.visits, s.engaged_ms
FROM seen s
LEFT JOIN entry USING (page_id)
LEFT JOIN exit USING (page_id)
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.page_id
ORDER BY s.pageviews DESC, l.value
LIMIT %(most)s OFFSET %(skip)s
