-- What session_minutes should hold.
-- :site_id int
SELECT
    site_id, minute, sum(sessions)::bigint AS sessions, sum(bounces)::bigint AS bounces,
    sum(duration_us)::bigint AS duration_us, sum(new_visitors)::bigint AS new_visitors
FROM (
    SELECT site_id, date_trunc('minute', started_at) AS minute, 1 AS sessions,
        is_bounce::int AS bounces, duration_us, 0 AS new_visitors
    FROM sessions
    UNION ALL
    SELECT site_id, date_trunc('minute', first_at), 0, 0, 0, 1 FROM visitors
) AS parts
WHERE site_id = %(site_id)s
GROUP BY 1, 2
