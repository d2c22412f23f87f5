-- Grain and columns: as heatmap.sql, of the selected sessions. Follows a WITH that has parts.
-- :timezone text
SELECT
    extract(isodow FROM local_day)::int AS weekday,
    extract(hour FROM to_timestamp(by_id * 900::float8) AT TIME ZONE %(timezone)s)::int AS hour,
    sum(visitors)::bigint AS visitors, sum(pageviews)::bigint AS pageviews,
    sum(sessions)::bigint AS sessions
FROM parts WHERE kind = 7
GROUP BY 1, 2
ORDER BY 1, 2
