-- Has the sessions of the changed events rebuilt. A visitor's shard is its id modulo 256, never
-- negative.
-- :site_id int
INSERT INTO touched_visitors
    (shard, site_id, visitor_id, session_key, from_at, to_at, received_at)
SELECT
    (visitor_id %% 256 + 256) %% 256, %(site_id)s, visitor_id, session_key, min(ts), max(ts), now()
FROM run_changed_events
WHERE visitor_id IS NOT NULL
GROUP BY visitor_id, session_key
