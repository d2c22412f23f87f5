-- Takes out the units of the run's visitors.
WITH removed AS (
    DELETE FROM experiment_units u
    USING run_experiments x, run_unit_visitors v
    WHERE u.site_id = x.site_id AND u.experiment_id = x.experiment_id
        AND u.site_id = v.site_id AND u.visitor_id = v.visitor_id
    RETURNING u.*
)
INSERT INTO run_old_units SELECT * FROM removed
