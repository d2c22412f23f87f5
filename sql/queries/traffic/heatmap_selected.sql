-- Grain and columns: as heatmap.sql, of the selected sessions. Follows a WITH that has hours
-- (selection/hours).
SELECT
    extract(isodow FROM local_day)::int AS weekday,
    extract(hour FROM hour_at AT TIME ZONE %(timezone)s)::int AS hour,
    sum(visitors)::bigint AS visitors, sum(pageviews)::bigint AS pageviews,
    sum(sessions)::bigint AS sessions
FROM (
    SELECT local_day, hour_at, count(*) AS visitors, sum(pageviews) AS pageviews,
        sum(sessions) AS sessions
    FROM (
        SELECT local_day, hour_at, visitor_id, sum(pageviews) AS pageviews,
            count(*) FILTER (WHERE is_start) AS sessions
        FROM hours GROUP BY local_day, hour_at, visitor_id
    ) AS people
    GROUP BY local_day, hour_at
) AS cells
GROUP BY 1, 2
ORDER BY 1, 2
