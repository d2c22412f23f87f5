-- Grain: bucket of an interval and value of a first-touch dimension, those with events or sessions
-- only, of the selected sessions and the :most values with most of them. Follows a WITH that has found
-- (of traffic/points_found). dimension_value: null = unknown.
-- :site_id int, :most int
, listed AS (
    SELECT value_id FROM found
    GROUP BY value_id ORDER BY sum(sessions) DESC, sum(events) DESC, value_id LIMIT %(most)s
)
SELECT
    ordinal::int, l.value AS dimension_value, sum(visitors)::bigint AS visitors,
    sum(new_visitors)::bigint AS new_visitors,
    sum(converting_visitors)::bigint AS converting_visitors, sum(sessions)::bigint AS sessions,
    sum(bounces)::bigint AS bounces, sum(duration_us)::bigint AS duration_us,
    sum(events)::bigint AS events, sum(pageviews)::bigint AS pageviews,
    sum(conversions)::bigint AS conversions, sum(purchases)::bigint AS purchases,
    sum(revenue_gross) AS revenue_gross, sum(revenue_net) AS revenue_net
FROM found
JOIN listed USING (value_id)
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = value_id
GROUP BY ordinal, value_id, l.value
ORDER BY ordinal, l.value
