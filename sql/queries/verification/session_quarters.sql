-- What session_quarters should hold.
-- :site_id int
SELECT
    site_id, time_bucket(INTERVAL '15 minutes', started_at) AS bucket, local_day,
    count(*) AS sessions, count(*) FILTER (WHERE is_bounce) AS bounces,
    sum(duration_us)::bigint AS duration_us, sum(pageviews)::bigint AS pageviews
FROM sessions
WHERE site_id = %(site_id)s
GROUP BY 1, 2, 3
