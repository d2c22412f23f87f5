-- Plain PostgreSQL: corrects the days by event name, as correct_quarters.sql does quarter hours.
-- :site_id int
UPDATE event_name_days d SET conversions = d.conversions + c.conversions
FROM (
    SELECT time_bucket(INTERVAL '1 day', ts) AS bucket, local_day, name_id,
        sum(sign) AS conversions
    FROM run_changed_events
    WHERE batch_seq NOT IN (SELECT batch_seq FROM touched_batches)
    GROUP BY 1, 2, 3
) AS c
WHERE d.site_id = %(site_id)s AND d.bucket = c.bucket AND d.local_day = c.local_day
    AND d.name_id = c.name_id
