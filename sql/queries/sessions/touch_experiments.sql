-- The run's visitors, for the experiments of their sites.
INSERT INTO touched_units
SELECT DISTINCT site_id, visitor_id
FROM run_spans
WHERE site_id IN (SELECT site_id FROM experiments)
