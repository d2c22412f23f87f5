-- Page views by path and hour (of UTC), with and without identity: what is known of a part of a day.
-- key: site_id, local_day, bucket, page_id
SELECT
    time_bucket(INTERVAL '1 hour', ts) AS bucket,
    site_id,
    local_day,
    path_id AS page_id,
    count(*) AS pageviews
FROM events
WHERE kind = 1
GROUP BY time_bucket(INTERVAL '1 hour', ts), site_id, local_day, path_id
