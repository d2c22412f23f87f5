-- Grain: ISO weekday and local hour. visitors: summed over the hours of the range (distinct within
-- each hour). Hours without events are left out.
-- :site_id int, :timezone text, :first :last date
SELECT
    extract(isodow FROM local_day)::int AS weekday, hour, sum(visitors)::bigint AS visitors,
    sum(pageviews)::bigint AS pageviews, sum(sessions)::bigint AS sessions
FROM (
    SELECT local_day, extract(hour FROM hour_at AT TIME ZONE %(timezone)s)::int AS hour, visitors,
        0 AS pageviews, 0 AS sessions
    FROM hour_visitors
    WHERE site_id = %(site_id)s AND local_day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT local_day, extract(hour FROM bucket AT TIME ZONE %(timezone)s)::int, 0, pageviews, 0
    FROM event_quarters
    WHERE site_id = %(site_id)s AND local_day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT local_day, extract(hour FROM bucket AT TIME ZONE %(timezone)s)::int, 0, 0, sessions
    FROM session_quarters
    WHERE site_id = %(site_id)s AND local_day BETWEEN %(first)s AND %(last)s
) AS hours
GROUP BY 1, 2
ORDER BY 1, 2
