-- Grain, parameters and columns: as event.sql, of the selected sessions. Follows a WITH that has
-- share_names.
, sums AS (
    SELECT name_id, sum(events)::bigint AS events, sum(conversions)::bigint AS conversions,
        sum(revenue_net) AS revenue_net
    FROM share_names
    GROUP BY name_id
),
listed AS (
    SELECT u.*, (sum(events) OVER ())::bigint AS all_events, l.value
    FROM sums u
    JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = u.name_id
    ORDER BY u.events DESC, l.value
    LIMIT %(most)s OFFSET %(skip)s
),
found AS (
    SELECT DISTINCT name_id, visitor_id, started_at, session_id
    FROM share_names
    WHERE name_id IN (SELECT name_id FROM listed)
),
people AS (
    SELECT name_id, visitor_id, count(*) AS sessions FROM found GROUP BY name_id, visitor_id
),
counts AS (
    SELECT name_id, count(*) AS visitors, sum(sessions)::bigint AS sessions
    FROM people GROUP BY name_id
)
SELECT l.value, visitors, sessions, l.events, l.all_events, l.conversions, l.revenue_net
FROM listed l
LEFT JOIN counts USING (name_id)
ORDER BY l.events DESC, l.value
