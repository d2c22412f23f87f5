-- Grain, parameters and columns: as views.sql, of the selected sessions. Follows a WITH that has
-- parts.
SELECT
    l.value AS page, s.pageviews, s.all_pageviews
FROM (
    SELECT by_id, sum(pageviews)::bigint AS pageviews,
        (sum(sum(pageviews)) OVER ())::bigint AS all_pageviews
    FROM parts WHERE kind = 8
    GROUP BY by_id
) AS s
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.by_id
ORDER BY s.pageviews DESC, l.value
LIMIT %(most)s OFFSET %(skip)s
