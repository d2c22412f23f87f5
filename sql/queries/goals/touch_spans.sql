-- TimescaleDB: has the aggregates refreshed over the days of the changed events.
-- :site_id int
INSERT INTO touched_batches (batch_seq, site_id, from_at, to_at, received_at)
SELECT nextval('batch_seq'), %(site_id)s, from_at, to_at, now()
FROM (
    SELECT min(ts) AS from_at, max(ts) AS to_at
    FROM run_changed_events GROUP BY time_bucket(INTERVAL '1 day', ts)
) AS days
