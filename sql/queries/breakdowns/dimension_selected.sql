-- Grain: value of a first-touch dimension, most sessions first, of the selected sessions. Follows a
-- WITH that begins with selected (columns of sessions). value: null = unknown.
-- :column text (name of the dimension's column in sessions), :first :last date, :most :skip int
, valued AS (
    SELECT s.*, (to_jsonb(s) ->> %(column)s)::int AS value_id FROM selected s
),
starts AS (
    SELECT value_id, count(*) AS sessions, count(*) FILTER (WHERE is_bounce) AS bounces,
        sum(duration_us)::bigint AS duration_us
    FROM valued
    WHERE local_day BETWEEN %(first)s AND %(last)s
    GROUP BY value_id
),
shares AS (
    SELECT s.value_id, count(DISTINCT h.visitor_id) AS visitors,
        sum(h.events)::bigint AS events, sum(h.pageviews)::bigint AS pageviews,
        sum(h.conversions)::bigint AS conversions, sum(h.revenue_net) AS revenue_net
    FROM valued s
    JOIN session_hours h ON h.site_id = s.site_id AND h.session_id = s.session_id
        AND h.started_at = s.started_at
    WHERE h.local_day BETWEEN %(first)s AND %(last)s
    GROUP BY s.value_id
)
SELECT
    l.value, visitors, coalesce(sessions, 0) AS sessions,
    (sum(sessions) OVER ())::bigint AS all_sessions, coalesce(bounces, 0) AS bounces,
    coalesce(duration_us, 0) AS duration_us, events, pageviews, conversions, revenue_net
FROM shares
LEFT JOIN starts USING (value_id)
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = value_id
ORDER BY coalesce(sessions, 0) DESC, events DESC, l.value
LIMIT %(most)s OFFSET %(skip)s
