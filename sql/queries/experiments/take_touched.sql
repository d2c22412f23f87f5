-- Deletes touched units and keeps their visitors.
-- :most bigint (rows taken at most)
WITH taken AS (
    DELETE FROM touched_units
    WHERE ctid = ANY(ARRAY(SELECT ctid FROM touched_units LIMIT %(most)s))
    RETURNING site_id, visitor_id
)
INSERT INTO run_unit_visitors SELECT DISTINCT site_id, visitor_id FROM taken
