-- Grain: value of a dimension, most sessions first. Follows a WITH that has found (of value_found or
-- page_found). value: null = unknown.
-- :site_id int, :most :skip int
SELECT
    l.value, visitors, sessions, all_sessions, bounces, duration_us, events, pageviews, conversions,
    revenue_net
FROM (
    SELECT value_id, sum(visitors)::bigint AS visitors, sum(sessions)::bigint AS sessions,
        sum(bounces)::bigint AS bounces, sum(duration_us)::bigint AS duration_us,
        sum(events)::bigint AS events, sum(pageviews)::bigint AS pageviews,
        sum(conversions)::bigint AS conversions, sum(revenue_net) AS revenue_net
    FROM found
    WHERE value_id IS NOT NULL
    GROUP BY value_id
) AS sums
CROSS JOIN (
    SELECT sum(sessions)::bigint AS all_sessions FROM found WHERE value_id IS NULL
) AS whole
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = value_id
ORDER BY sessions DESC, events DESC, l.value
LIMIT %(most)s OFFSET %(skip)s
