-- Everybody who was, or counts as, exposed to the run's experiment.
INSERT INTO run_unit_visitors
SELECT site_id, visitor_id
FROM run_experiments x JOIN experiment_units u USING (site_id, experiment_id)
UNION
SELECT e.site_id, e.visitor_id
FROM run_experiments x
JOIN events e ON e.site_id = x.site_id AND e.kind = 3 AND e.visitor_id IS NOT NULL
    AND e.properties ->> 'experiment' = x.key
