-- Plain PostgreSQL: corrects the quarter hours by the changed events that are in them; those of
-- touched batches are added later, as they are now.
-- :site_id int
UPDATE event_quarters q SET conversions = q.conversions + c.conversions
FROM (
    SELECT time_bucket(INTERVAL '15 minutes', ts) AS bucket, local_day, sum(sign) AS conversions
    FROM run_changed_events
    WHERE batch_seq NOT IN (SELECT batch_seq FROM touched_batches)
    GROUP BY 1, 2
) AS c
WHERE q.site_id = %(site_id)s AND q.bucket = c.bucket AND q.local_day = c.local_day
