-- Grain, parameters and columns: as event.sql, of the selected sessions. Follows a WITH that begins
-- with selected (columns of sessions).
SELECT
    l.value, count(DISTINCT n.visitor_id) AS visitors,
    count(DISTINCT (n.started_at, n.session_id)) AS sessions, sum(n.events)::bigint AS events,
    (sum(sum(n.events)) OVER ())::bigint AS all_events, sum(n.conversions)::bigint AS conversions,
    sum(n.revenue_net) AS revenue_net
FROM selected s
JOIN session_names n ON n.site_id = s.site_id AND n.session_id = s.session_id
    AND n.started_at = s.started_at
JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = n.name_id
WHERE n.local_day BETWEEN %(first)s AND %(last)s
GROUP BY l.value
ORDER BY events DESC, l.value
LIMIT %(most)s OFFSET %(skip)s
