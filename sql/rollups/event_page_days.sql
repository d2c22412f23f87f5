-- Page views by path and day, with and without identity; page_id 0 = no path was sent.
-- key: site_id, local_day, page_id, bucket
SELECT
    time_bucket(INTERVAL '1 day', ts) AS bucket,
    site_id,
    local_day,
    path_id AS page_id,
    count(*) AS pageviews
FROM events
WHERE kind = 1
GROUP BY time_bucket(INTERVAL '1 day', ts), site_id, local_day, path_id
