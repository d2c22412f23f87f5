-- Takes out all units of the run's experiment.
WITH removed AS (
    DELETE FROM experiment_units u
    USING run_experiments x
    WHERE u.site_id = x.site_id AND u.experiment_id = x.experiment_id
    RETURNING u.*
)
INSERT INTO run_old_units SELECT * FROM removed
