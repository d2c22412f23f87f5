-- Deletes touched rows of the shards and keeps, per visitor and session key, the span they cover
-- from the site's raw_from on.
-- :shards smallint[], :most bigint (rows taken at most)
WITH taken AS (
    DELETE FROM touched_visitors
    WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM touched_visitors WHERE shard = ANY(%(shards)s) LIMIT %(most)s))
    RETURNING site_id, visitor_id, session_key, from_at, to_at
)
INSERT INTO run_spans
SELECT
    t.site_id, t.visitor_id, t.session_key, make_interval(secs => s.session_gap_s), s.timezone,
    greatest(min(t.from_at), s.raw_from), max(t.to_at), s.raw_from
FROM taken t
JOIN sites s USING (site_id)
WHERE s.raw_from IS NULL OR t.to_at >= s.raw_from
GROUP BY t.site_id, t.visitor_id, t.session_key, s.session_gap_s, s.timezone, s.raw_from
