-- Grain: the rows of parts (see filtered_days) of kind 9, several days as one. Needs shares with
-- the dimension and value_id that they are selected by. Many have the same names as often.
SELECT
    dimension, value_id, 9::smallint, %(first)s::date, name_id, 0, 0, 0, 0,
    sum(events * shares)::bigint, 0, 0, 0, 0, 0, 0, 0
FROM (
    SELECT dimension, value_id, unnest(name_ids) AS name_id, unnest(name_events) AS events, shares
    FROM (
        SELECT dimension, value_id, name_ids, name_events, count(*) AS shares
        FROM shares
        GROUP BY dimension, value_id, name_ids, name_events
    ) AS alike
) AS named
GROUP BY dimension, value_id, name_id
