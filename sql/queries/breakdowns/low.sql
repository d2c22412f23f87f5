-- Grain: value of a low-cardinality first-touch dimension, most sessions first, from rollups. Follows a
-- WITH that has people (of value_people), and shares of the day that is cut. value: null = unknown.
-- :site_id int, :dimension smallint, :first :whole_last date (whole_last: the last day that is not cut),
-- :most :skip int, {column}: the dimension's in sessions
, summed AS (
    SELECT value_id, sum(sessions)::bigint AS sessions, sum(bounces)::bigint AS bounces,
        sum(duration_us)::bigint AS duration_us, sum(events)::bigint AS events,
        sum(pageviews)::bigint AS pageviews, sum(conversions)::bigint AS conversions,
        sum(revenue_net) AS revenue_net
    FROM (
        SELECT value_id, sessions, bounces, duration_us, events, pageviews, conversions, revenue_net
        FROM session_value_days
        WHERE site_id = %(site_id)s AND dimension = %(dimension)s
            AND local_day BETWEEN %(first)s AND %(whole_last)s
        UNION ALL
        SELECT {column}, count(*) FILTER (WHERE is_start),
            count(*) FILTER (WHERE is_start AND is_bounce),
            coalesce(sum(duration_us) FILTER (WHERE is_start), 0)::bigint, sum(events),
            sum(pageviews), sum(conversions), sum(revenue_net)
        FROM shares
        GROUP BY 1
    ) AS days
    GROUP BY value_id
    HAVING sum(events) > 0 OR sum(sessions) > 0
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
