-- Grain, parameters and columns: as low.sql, of the selected sessions. Follows a WITH that has parts
-- and people.
SELECT
    l.value, p.visitors, s.sessions, (sum(s.sessions) OVER ())::bigint AS all_sessions, s.bounces,
    s.duration_us, s.events, s.pageviews, s.conversions, s.revenue_net
FROM (
    SELECT by_id, sum(sessions)::bigint AS sessions, sum(bounces)::bigint AS bounces,
        sum(duration_us)::bigint AS duration_us, sum(events)::bigint AS events,
        sum(pageviews)::bigint AS pageviews, sum(conversions)::bigint AS conversions,
        sum(revenue_net) AS revenue_net
    FROM parts WHERE kind = %(dimension)s
    GROUP BY by_id
) AS s
JOIN people p ON p.kind = %(dimension)s AND p.by_id = s.by_id
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.by_id
ORDER BY s.sessions DESC, s.events DESC, l.value
LIMIT %(most)s OFFSET %(skip)s
