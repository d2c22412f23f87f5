-- Notes the minutes that writer transactions added events to.
-- :seqs bigint[] (batch_seq), :from_at :to_at timestamptz (bounds of their events)
INSERT INTO touched_minutes (site_id, minute)
SELECT DISTINCT site_id, date_trunc('minute', ts)
FROM events
WHERE batch_seq = ANY(%(seqs)s) AND ts BETWEEN %(from_at)s AND %(to_at)s
