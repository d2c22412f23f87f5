-- Grain: value of a low-cardinality first-touch dimension, most sessions first, from rollups; exact
-- visitors from value_gaps. value: null = unknown.
-- :site_id int, :dimension smallint, :first :last date, :most :skip int
WITH summed AS (
    SELECT value_id, sum(sessions)::bigint AS sessions, sum(bounces)::bigint AS bounces,
        sum(duration_us)::bigint AS duration_us, sum(events)::bigint AS events,
        sum(pageviews)::bigint AS pageviews, sum(conversions)::bigint AS conversions,
        sum(revenue_net) AS revenue_net
    FROM session_value_days
    WHERE site_id = %(site_id)s AND dimension = %(dimension)s
        AND local_day BETWEEN %(first)s AND %(last)s
    GROUP BY value_id
    HAVING sum(events) > 0 OR sum(sessions) > 0
),
people AS (
    SELECT value_id, sum(visitors)::bigint AS visitors
    FROM value_gaps
    WHERE site_id = %(site_id)s AND dimension = %(dimension)s
        AND day BETWEEN %(first)s AND %(last)s AND (prev_day IS NULL OR prev_day < %(first)s)
    GROUP BY value_id
)
SELECT
    l.value, coalesce(p.visitors, 0) AS visitors, s.sessions,
    (sum(s.sessions) OVER ())::bigint AS all_sessions, s.bounces, s.duration_us, s.events,
    s.pageviews, s.conversions, s.revenue_net
FROM summed s
LEFT JOIN people p USING (value_id)
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.value_id
ORDER BY s.sessions DESC, s.events DESC, l.value
LIMIT %(most)s OFFSET %(skip)s
