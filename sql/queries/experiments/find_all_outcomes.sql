-- As find_outcomes, but of everybody: see find_all_units.
-- :sites, :experiments integer[], :visitors bigint[] (null), :from_at timestamptz
CREATE TEMP TABLE run_outcomes ON COMMIT DROP AS
SELECT * FROM found_outcomes(%(sites)s, %(experiments)s, %(visitors)s, %(from_at)s)
