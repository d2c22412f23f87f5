-- The outcomes of the run's visitors.
-- :sites, :experiments integer[], :visitors bigint[], :from_at timestamptz (of the first exposure)
INSERT INTO run_outcomes SELECT * FROM found_outcomes(%(sites)s, %(experiments)s, %(visitors)s, %(from_at)s)
