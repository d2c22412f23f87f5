-- Grain, parameters and columns: as pages.sql, of the selected sessions. Follows a WITH that has
-- shares and share_pages.
, viewed AS (
    SELECT page_id, sum(views)::bigint AS pageviews, count(*) FILTER (WHERE views > 0) AS visits,
        sum(engaged_ms)::bigint AS engaged_ms
    FROM share_pages
    GROUP BY page_id
),
entry AS (
    SELECT entry_page_id AS page_id, count(*) AS entries,
        count(*) FILTER (WHERE is_bounce) AS bounces
    FROM shares WHERE is_start AND session_pageviews > 0 GROUP BY 1
),
exit AS (
    SELECT exit_page_id AS page_id, count(*) AS exits
    FROM shares WHERE is_start AND session_pageviews > 0 GROUP BY 1
),
seen AS (
    SELECT
        page_id, coalesce(pageviews, 0) AS pageviews, coalesce(visits, 0) AS visits,
        coalesce(engaged_ms, 0) AS engaged_ms, coalesce(entries, 0) AS entries,
        coalesce(bounces, 0) AS bounces, coalesce(exits, 0) AS exits
    FROM viewed
    FULL JOIN entry USING (page_id)
    FULL JOIN exit USING (page_id)
    WHERE pageviews > 0 OR entries > 0 OR exits > 0
),
listed AS (
    SELECT s.*, (sum(pageviews) OVER ())::bigint AS all_pageviews, l.value AS page
    FROM seen s
    LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.page_id
    ORDER BY s.pageviews DESC, l.value
    LIMIT %(most)s OFFSET %(skip)s
),
people AS (
    SELECT DISTINCT page_id, visitor_id
    FROM share_pages
    WHERE views > 0 AND page_id IN (SELECT page_id FROM listed)
),
counts AS (
    SELECT page_id, count(*) AS visitors FROM people GROUP BY page_id
)
SELECT
    page, pageviews, all_pageviews, coalesce(visitors, 0) AS visitors, entries, bounces, exits,
    visits, engaged_ms
FROM listed
LEFT JOIN counts USING (page_id)
ORDER BY pageviews DESC, page
