-- As find_units, but of everybody: only a table that is made at once is filled by several processes.
-- :sites, :experiments integer[], :visitors bigint[] (null)
CREATE TEMP TABLE run_units ON COMMIT DROP AS
SELECT * FROM found_units(%(sites)s, %(experiments)s, %(visitors)s)
