-- Grain: bucket of whole local days and value of a low-cardinality first-touch dimension, those with
-- events or sessions only, from rollups; of the :most values with most sessions. Exact visitors from
-- value_gaps. dimension_value: null = unknown.
-- :site_id int, :dimension smallint, :first :last date, :names :firsts :lasts date[] (a bucket's name
-- and its days in the range), :most int
WITH b AS (
    SELECT name, first, last
    FROM unnest(%(names)s::date[], %(firsts)s::date[], %(lasts)s::date[]) AS u(name, first, last)
),
days AS (
    SELECT * FROM session_value_days
    WHERE site_id = %(site_id)s AND dimension = %(dimension)s
        AND local_day BETWEEN %(first)s AND %(last)s
),
listed AS (
    SELECT value_id FROM days
    GROUP BY value_id ORDER BY sum(sessions) DESC, sum(events) DESC, value_id LIMIT %(most)s
),
people AS (
    SELECT b.name, g.value_id, sum(g.visitors)::bigint AS visitors
    FROM b JOIN value_gaps g ON g.day BETWEEN b.first AND b.last
        AND (g.prev_day IS NULL OR g.prev_day < b.first)
    WHERE g.site_id = %(site_id)s AND g.dimension = %(dimension)s
        AND g.day BETWEEN %(first)s AND %(last)s
    GROUP BY b.name, g.value_id
),
summed AS (
    SELECT b.name, d.value_id, sum(sessions)::bigint AS sessions, sum(bounces)::bigint AS bounces,
        sum(duration_us)::bigint AS duration_us, sum(events)::bigint AS events,
        sum(pageviews)::bigint AS pageviews, sum(conversions)::bigint AS conversions,
        sum(revenue_gross) AS revenue_gross, sum(revenue_net) AS revenue_net
    FROM b JOIN days d ON d.local_day BETWEEN b.first AND b.last
    JOIN listed USING (value_id)
    GROUP BY b.name, d.value_id
    HAVING sum(events) > 0 OR sum(sessions) > 0
)
SELECT
    s.name AS bucket, l.value AS dimension_value, coalesce(p.visitors, 0) AS visitors, s.sessions,
    s.bounces, s.duration_us, s.events, s.pageviews, s.conversions, s.revenue_gross, s.revenue_net
FROM summed s
LEFT JOIN people p ON p.name = s.name AND p.value_id = s.value_id
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.value_id
ORDER BY s.name, l.value
