-- Grain: the rows of parts (see filtered_days) of kind 8, several days as one. Needs shares with
-- the dimension and value_id that they are selected by. Most have viewed each of their pages once. A
-- page that a session entered or left on another day than that of its start is there without a view.
-- :first date
SELECT
    dimension, value_id, 8::smallint, %(first)s::date, page_id, 0, 0, 0, 0, 0, sum(views)::bigint,
    0, 0, 0, 0, 0, 0
FROM (
    SELECT dimension, value_id, unnest(page_ids) AS page_id, 1 AS views
    FROM shares
    WHERE pageviews = cardinality(page_ids)
    UNION ALL
    SELECT dimension, value_id, unnest(page_ids), unnest(page_views)
    FROM shares
    WHERE pageviews <> cardinality(page_ids)
    UNION ALL
    SELECT dimension, value_id, unnest(ARRAY[entry_page_id, exit_page_id]), 0
    FROM shares
    WHERE is_start AND session_pageviews > pageviews
) AS viewed
GROUP BY dimension, value_id, page_id
