-- Grain: the rows of parts (see filtered_days) of kind 8, several days as one. Needs shares with
-- the dimension and value_id that they are selected by. A page that a session entered or left on
-- another day than that of its start is there without a view.
-- :site_id int, :first :last date
SELECT
    dimension, value_id, 8::smallint, min(local_day), page_id, 0, 0, 0, 0, 0, sum(views)::bigint,
    0, 0, 0, 0, 0, 0
FROM (
    SELECT dimension, value_id, s.local_day, page_id, views
    FROM shares s
    JOIN session_pages p ON p.site_id = %(site_id)s AND p.local_day = s.local_day
        AND p.session_id = s.session_id AND p.started_at = s.started_at
    WHERE p.local_day BETWEEN %(first)s AND %(last)s AND p.views > 0
    UNION ALL
    SELECT dimension, value_id, local_day, e.page_id, 0
    FROM shares
    CROSS JOIN LATERAL (VALUES (entry_page_id), (exit_page_id)) AS e(page_id)
    WHERE is_start AND session_pageviews > pageviews
) AS viewed
GROUP BY dimension, value_id, page_id
