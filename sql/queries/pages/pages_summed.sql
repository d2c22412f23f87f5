-- Grain, parameters and columns: as pages.sql, of the selected sessions. Follows a WITH that has found
-- (of pages_found).
SELECT
    l.value AS page, pageviews, (sum(pageviews) OVER ())::bigint AS all_pageviews, visitors, entries,
    bounces, exits, visits, engaged_ms
FROM (
    SELECT page_id, sum(pageviews)::bigint AS pageviews, sum(visits)::bigint AS visits,
        sum(engaged_ms)::bigint AS engaged_ms, sum(entries)::bigint AS entries,
        sum(bounces)::bigint AS bounces, sum(exits)::bigint AS exits,
        sum(visitors)::bigint AS visitors
    FROM found
    GROUP BY page_id
) AS sums
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = page_id
WHERE pageviews > 0 OR entries > 0 OR exits > 0
ORDER BY pageviews DESC, page
LIMIT %(most)s OFFSET %(skip)s
