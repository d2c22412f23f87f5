-- Grain, parameters and columns: as event.sql, of the selected sessions. Follows a WITH that has
-- shares.
, sums AS (
    SELECT n.name_id, sum(n.events)::bigint AS events, sum(n.conversions)::bigint AS conversions,
        sum(n.revenue_net) AS revenue_net
    FROM shares s
    JOIN session_names n ON n.site_id = %(site_id)s AND n.local_day = s.local_day
        AND n.session_id = s.session_id AND n.started_at = s.started_at
    WHERE n.local_day BETWEEN %(first)s AND %(last)s
    GROUP BY n.name_id
),
listed AS (
    SELECT u.*, (sum(events) OVER ())::bigint AS all_events, l.value
    FROM sums u
    JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = u.name_id
    ORDER BY u.events DESC, l.value
    LIMIT %(most)s OFFSET %(skip)s
),
found AS (
    SELECT DISTINCT n.name_id, n.visitor_id, n.started_at, n.session_id
    FROM shares s
    JOIN session_names n ON n.site_id = %(site_id)s AND n.local_day = s.local_day
        AND n.session_id = s.session_id AND n.started_at = s.started_at
    WHERE n.local_day BETWEEN %(first)s AND %(last)s
        AND n.name_id IN (SELECT name_id FROM listed)
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
