-- Events by name and hour (of UTC), with and without identity: what is known of a part of a day.
-- key: site_id, local_day, bucket, name_id
SELECT
    time_bucket(INTERVAL '1 hour', ts) AS bucket,
    site_id,
    local_day,
    name_id,
    count(*) AS events
FROM events
GROUP BY time_bucket(INTERVAL '1 hour', ts), site_id, local_day, name_id
