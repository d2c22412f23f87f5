-- Grain: page, of shares that may be those of some of the visitors. Follows a WITH that has shares and
-- share_pages.
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
counts AS (
    SELECT page_id, count(*) AS visitors
    FROM (SELECT DISTINCT page_id, visitor_id FROM share_pages WHERE views > 0) AS people
    GROUP BY page_id
)
SELECT
    page_id, coalesce(pageviews, 0) AS pageviews, coalesce(visits, 0) AS visits,
    coalesce(engaged_ms, 0) AS engaged_ms, coalesce(entries, 0) AS entries,
    coalesce(bounces, 0) AS bounces, coalesce(exits, 0) AS exits, coalesce(visitors, 0) AS visitors
FROM viewed
FULL JOIN entry USING (page_id)
FULL JOIN exit USING (page_id)
LEFT JOIN counts USING (page_id)
