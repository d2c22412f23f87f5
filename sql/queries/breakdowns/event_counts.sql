-- Grain: event name, most events first, from rollups; events without identity included. Follows a WITH
-- that has cut_events of the day that is cut.
-- :site_id int, :first :whole_last date (whole_last: the last day that is not cut), :most :skip int
SELECT l.value, s.events, s.all_events
FROM (
    SELECT name_id, sum(events)::bigint AS events,
        (sum(sum(events)) OVER ())::bigint AS all_events
    FROM (
        SELECT name_id, events
        FROM event_name_days
        WHERE site_id = %(site_id)s AND local_day BETWEEN %(first)s AND %(whole_last)s
        UNION ALL
        SELECT name_id, events FROM cut_events
    ) AS days
    GROUP BY name_id
) AS s
JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.name_id
ORDER BY s.events DESC, l.value
LIMIT %(most)s OFFSET %(skip)s
