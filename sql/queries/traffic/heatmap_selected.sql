-- Grain and columns: as heatmap.sql, of the selected sessions. Follows a WITH that begins with
-- selected (columns of sessions).
, h AS (
    SELECT h.local_day, h.hour_at, h.visitor_id, h.pageviews, h.hour_at = date_trunc(
        'hour', s.started_at, %(timezone)s) AS is_start
    FROM selected s
    JOIN session_hours h ON h.site_id = s.site_id AND h.session_id = s.session_id
        AND h.started_at = s.started_at
    WHERE h.local_day BETWEEN %(first)s AND %(last)s
)
SELECT
    extract(isodow FROM local_day)::int AS weekday,
    extract(hour FROM hour_at AT TIME ZONE %(timezone)s)::int AS hour,
    sum(visitors)::bigint AS visitors, sum(pageviews)::bigint AS pageviews,
    sum(sessions)::bigint AS sessions
FROM (
    SELECT local_day, hour_at, count(DISTINCT visitor_id) AS visitors,
        sum(pageviews) AS pageviews, count(*) FILTER (WHERE is_start) AS sessions
    FROM h GROUP BY local_day, hour_at
) AS hours
GROUP BY 1, 2
ORDER BY 1, 2
