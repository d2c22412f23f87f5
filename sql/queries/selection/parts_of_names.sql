-- Grain: the rows of parts (see filtered_days) of kind 9, several days as one. Needs shares with
-- the dimension and value_id that they are selected by.
-- :site_id int, :first :last date
SELECT
    dimension, value_id, 9::smallint, min(s.local_day), name_id, 0, 0, 0, 0, sum(n.events)::bigint,
    0, 0, 0, 0, 0, 0, 0
FROM shares s
JOIN session_names n ON n.site_id = %(site_id)s AND n.local_day = s.local_day
    AND n.session_id = s.session_id AND n.started_at = s.started_at
WHERE n.local_day BETWEEN %(first)s AND %(last)s
GROUP BY dimension, value_id, name_id
