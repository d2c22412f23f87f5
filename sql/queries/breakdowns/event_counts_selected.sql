-- Grain, parameters and columns: as event_counts.sql, of the selected sessions. Follows a WITH that
-- has shares.
SELECT l.value, s.events, s.all_events
FROM (
    SELECT n.name_id, sum(n.events)::bigint AS events,
        (sum(sum(n.events)) OVER ())::bigint AS all_events
    FROM shares s
    JOIN session_names n ON n.site_id = %(site_id)s AND n.local_day = s.local_day
        AND n.session_id = s.session_id AND n.started_at = s.started_at
    WHERE n.local_day BETWEEN %(first)s AND %(last)s
    GROUP BY n.name_id
) AS s
JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.name_id
ORDER BY s.events DESC, l.value
LIMIT %(most)s OFFSET %(skip)s
