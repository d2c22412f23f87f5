-- Notes from which local day on the run rewrote something, for the cohorts computed ahead.
INSERT INTO touched_cohorts
SELECT site_id, min(day) FROM run_days GROUP BY site_id
