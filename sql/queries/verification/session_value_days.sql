-- What session_value_days should hold: sessions by the day they start, the rest by the event's day.
-- :site_id int
WITH valued AS (
    SELECT s.*, v.dimension, v.value_id
    FROM sessions s
    JOIN dimensions d ON d.name <> 'converted'
    CROSS JOIN LATERAL (
        SELECT d.dimension,
            CASE d.name WHEN 'all' THEN 0 ELSE (to_jsonb(s) ->> (d.name || '_id'))::int END
    ) AS v(dimension, value_id)
    WHERE s.site_id = %(site_id)s AND (s.pageviews > 0 OR d.name NOT IN ('entry_page', 'exit_page'))
)
SELECT
    site_id, local_day, dimension, value_id, sum(sessions)::bigint AS sessions,
    sum(bounces)::bigint AS bounces, sum(duration_us)::bigint AS duration_us,
    sum(session_pageviews)::bigint AS session_pageviews, sum(events)::bigint AS events,
    sum(pageviews)::bigint AS pageviews, sum(conversions)::bigint AS conversions,
    sum(revenue_gross) AS revenue_gross, sum(revenue_net) AS revenue_net
FROM (
    SELECT site_id, local_day, dimension, value_id, 1 AS sessions, is_bounce::int AS bounces,
        duration_us, pageviews AS session_pageviews, 0 AS events, 0 AS pageviews,
        0 AS conversions, 0 AS revenue_gross, 0 AS revenue_net
    FROM valued
    UNION ALL
    SELECT h.site_id, h.local_day, v.dimension, v.value_id, 0, 0, 0, 0, h.events, h.pageviews,
        h.conversions, h.revenue_gross, h.revenue_net
    FROM session_hours h
    JOIN valued v USING (site_id, session_id, started_at)
) AS parts
GROUP BY site_id, local_day, dimension, value_id
