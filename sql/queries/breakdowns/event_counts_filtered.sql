-- Grain, parameters and columns: as event_counts.sql, of the selected sessions. Follows a WITH that
-- has parts.
SELECT l.value, s.events, s.all_events
FROM (
    SELECT by_id, sum(events)::bigint AS events, (sum(sum(events)) OVER ())::bigint AS all_events
    FROM parts WHERE kind = 9
    GROUP BY by_id
) AS s
JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.by_id
ORDER BY s.events DESC, l.value
LIMIT %(most)s OFFSET %(skip)s
