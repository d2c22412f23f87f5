-- Grain: the rows of parts (see filtered_days) of kind 7. Needs hours with the dimension and value_id
-- that they are selected by.
SELECT
    dimension, value_id, 7::smallint, local_day, (date_part('epoch', hour_at) / 900)::int,
    sum(sessions)::bigint, 0, 0, 0, 0, sum(pageviews)::bigint, 0, 0, 0, 0, count(*), 0
FROM (
    SELECT dimension, value_id, local_day, hour_at, visitor_id,
        count(*) FILTER (WHERE is_start) AS sessions, sum(pageviews) AS pageviews
    FROM hours
    GROUP BY dimension, value_id, local_day, hour_at, visitor_id
) AS people
GROUP BY dimension, value_id, local_day, hour_at
