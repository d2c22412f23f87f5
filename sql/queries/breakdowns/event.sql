-- Grain: event name, most events first, from rollups; events without identity included. visitors and
-- sessions (distinct, with identity) from the shares of the listed names alone.
-- :site_id int, :first :last date, :most :skip int
WITH summed AS (
    SELECT name_id, sum(events)::bigint AS events, sum(conversions)::bigint AS conversions,
        sum(revenue_net) AS revenue_net
    FROM event_name_days
    WHERE site_id = %(site_id)s AND local_day BETWEEN %(first)s AND %(last)s
    GROUP BY name_id
),
listed AS (
    SELECT s.*, (sum(events) OVER ())::bigint AS all_events, l.value
    FROM summed s
    JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.name_id
    ORDER BY s.events DESC, l.value
    LIMIT %(most)s OFFSET %(skip)s
)
SELECT l.value, n.visitors, n.sessions, l.events, l.all_events, l.conversions, l.revenue_net
FROM listed l
CROSS JOIN LATERAL (
    SELECT count(*) AS visitors, coalesce(sum(sessions), 0)::bigint AS sessions
    FROM (
        SELECT visitor_id, count(*) AS sessions
        FROM (
            SELECT DISTINCT visitor_id, started_at, session_id
            FROM session_names n
            WHERE n.site_id = %(site_id)s AND n.name_id = l.name_id
                AND n.local_day BETWEEN %(first)s AND %(last)s
        ) AS found
        GROUP BY visitor_id
    ) AS people
) AS n
ORDER BY l.events DESC, l.value
