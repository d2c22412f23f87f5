-- The units of the run's visitors.
-- :sites, :experiments integer[], :visitors bigint[]
INSERT INTO run_units SELECT * FROM found_units(%(sites)s, %(experiments)s, %(visitors)s)
