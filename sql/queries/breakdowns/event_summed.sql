-- Grain, parameters and columns: as event.sql, of the selected sessions. Follows a WITH that has found
-- (of event_found).
SELECT
    l.value, visitors, sessions, events, (sum(events) OVER ())::bigint AS all_events, conversions,
    revenue_net
FROM (
    SELECT name_id, sum(visitors)::bigint AS visitors, sum(sessions)::bigint AS sessions,
        sum(events)::bigint AS events, sum(conversions)::bigint AS conversions,
        sum(revenue_net) AS revenue_net
    FROM found
    GROUP BY name_id
) AS sums
JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = name_id
ORDER BY events DESC, l.value
LIMIT %(most)s OFFSET %(skip)s
