-- Grain: the rows of parts (see filtered_days) of kind 8, several days as one. Needs shares with
-- the dimension and value_id that they are selected by. A page that a session entered or left on
-- another day than that of its start is there without a view.
-- :first date
SELECT
    dimension, value_id, 8::smallint, %(first)s::date, page_id, 0, 0, 0, 0, 0, sum(views)::bigint,
    0, 0, 0, 0, 0, 0
FROM (
    SELECT dimension, value_id,
        unnest(CASE WHEN is_start AND session_pageviews > pageviews
            THEN page_ids || ARRAY[entry_page_id, exit_page_id] ELSE page_ids END) AS page_id,
        unnest(CASE WHEN is_start AND session_pageviews > pageviews
            THEN page_views || ARRAY[0, 0] ELSE page_views END) AS views
    FROM shares
) AS viewed
GROUP BY dimension, value_id, page_id
