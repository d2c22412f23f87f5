-- Deletes touched units and answers whose they were. Grain: site x visitor, perhaps several times.
-- :most bigint (rows taken at most)
DELETE FROM touched_units
WHERE ctid = ANY(ARRAY(SELECT ctid FROM touched_units LIMIT %(most)s))
RETURNING site_id, visitor_id
