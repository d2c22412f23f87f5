-- Puts in the units that the run found and that are not there.
INSERT INTO experiment_units
SELECT * FROM run_units r
WHERE NOT EXISTS (
    SELECT FROM experiment_units u
    WHERE u.site_id = r.site_id AND u.experiment_id = r.experiment_id
        AND u.visitor_id = r.visitor_id)
ORDER BY r.site_id, r.experiment_id, r.visitor_id
