-- Grain: the rows of parts (see filtered_days) of kind 7. Needs shares with the dimension and value_id
-- that they are selected by. Only shares of several hours need to be split; what is read of
-- session_hours is in its primary key.
-- :site_id int
SELECT
    dimension, value_id, 7::smallint, local_day, (date_part('epoch', hour_at) / 900)::int,
    sum(sessions)::bigint, 0, 0, 0, 0, sum(pageviews)::bigint, 0, 0, 0, 0, count(*), 0
FROM (
    SELECT dimension, value_id, local_day, hour_at, visitor_id,
        count(*) FILTER (WHERE is_start) AS sessions, sum(pageviews) AS pageviews
    FROM (
        SELECT dimension, value_id, local_day, hour_at, visitor_id, is_start, pageviews
        FROM shares
        WHERE hour_at = last_hour_at
        UNION ALL
        SELECT s.dimension, s.value_id, h.local_day, h.hour_at, s.visitor_id,
            s.is_start AND h.hour_at = s.hour_at, h.pageviews
        FROM shares s
        JOIN session_hours h ON h.site_id = %(site_id)s AND h.local_day = s.local_day
            AND h.session_id = s.session_id AND h.started_at = s.started_at
        WHERE s.hour_at < s.last_hour_at
    ) AS hours
    GROUP BY dimension, value_id, local_day, hour_at, visitor_id
) AS people
GROUP BY dimension, value_id, local_day, hour_at
