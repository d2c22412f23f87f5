-- Grain: value of a first-touch dimension, most sessions first, of the selected sessions. Follows a
-- WITH that has shares. value: null = unknown.
-- :site_id int, :most :skip int, {column}: the dimension's column in sessions
, sums AS (
    SELECT {column} AS value_id, count(*) FILTER (WHERE is_start) AS sessions,
        count(*) FILTER (WHERE is_start AND is_bounce) AS bounces,
        coalesce(sum(duration_us) FILTER (WHERE is_start), 0)::bigint AS duration_us,
        sum(events)::bigint AS events, sum(pageviews)::bigint AS pageviews,
        sum(conversions)::bigint AS conversions, sum(revenue_net) AS revenue_net
    FROM shares
    GROUP BY 1
),
counts AS (
    SELECT value_id, count(*) AS visitors
    FROM (SELECT DISTINCT {column} AS value_id, visitor_id FROM shares) AS people
    GROUP BY value_id
)
SELECT
    l.value, visitors, sessions, (sum(sessions) OVER ())::bigint AS all_sessions, bounces,
    duration_us, events, pageviews, conversions, revenue_net
FROM sums
JOIN counts USING (value_id)
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = value_id
ORDER BY sessions DESC, events DESC, l.value
LIMIT %(most)s OFFSET %(skip)s
