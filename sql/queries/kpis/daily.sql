-- Grain: local day from the site's first one, days without events included, in order, from rollups.
-- No row when the site has no event. Columns: as traffic/overview.sql, and day.
-- :site_id int, :first :last date
WITH days AS (
    SELECT greatest(%(first)s, begins) + n AS day
    FROM (SELECT min(local_day) AS begins FROM event_quarters WHERE site_id = %(site_id)s) AS site,
        generate_series(0, %(last)s - greatest(%(first)s, begins)) AS n
    WHERE begins IS NOT NULL
),
people AS (
    SELECT day,
        sum(visitors) FILTER (WHERE dimension = 0)::bigint AS visitors,
        sum(visitors) FILTER (WHERE dimension = 0 AND prev_day IS NULL)::bigint AS new_visitors,
        sum(visitors) FILTER (WHERE dimension = 9)::bigint AS converting_visitors
    FROM value_gaps
    WHERE site_id = %(site_id)s AND dimension IN (0, 9) AND day BETWEEN %(first)s AND %(last)s
    GROUP BY day
)
SELECT
    d.day, coalesce(p.visitors, 0) AS visitors, coalesce(p.new_visitors, 0) AS new_visitors,
    coalesce(p.converting_visitors, 0) AS converting_visitors,
    coalesce(t.sessions, 0)::bigint AS sessions, coalesce(t.bounces, 0)::bigint AS bounces,
    coalesce(t.duration_s * 1e6, 0)::bigint AS duration_us,
    coalesce(t.session_pageviews, 0)::bigint AS session_pageviews,
    coalesce(t.events, 0)::bigint AS events, coalesce(t.pageviews, 0)::bigint AS pageviews,
    coalesce(t.conversions, 0)::bigint AS conversions,
    coalesce(t.purchases, 0)::bigint AS purchases,
    coalesce(t.revenue_gross, 0) AS revenue_gross, coalesce(t.revenue_net, 0) AS revenue_net,
    0::bigint AS without_identity
FROM days d
LEFT JOIN people p USING (day)
LEFT JOIN traffic_daily t ON t.site_id = %(site_id)s AND t.local_day = d.day
    AND t.local_day BETWEEN %(first)s AND %(last)s
ORDER BY d.day
