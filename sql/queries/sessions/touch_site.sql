-- Has all sessions of a site rebuilt. A visitor's shard is its id modulo 256, never negative.
-- :site_id int
INSERT INTO touched_visitors
    (shard, site_id, visitor_id, session_key, from_at, to_at, received_at)
SELECT
    (visitor_id %% 256 + 256) %% 256, e.site_id, visitor_id, session_key, min(ts), max(ts), now()
FROM events e
JOIN sites s USING (site_id)
WHERE e.site_id = %(site_id)s AND visitor_id IS NOT NULL AND (s.raw_from IS NULL OR ts >= s.raw_from)
GROUP BY e.site_id, visitor_id, session_key
