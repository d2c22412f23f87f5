-- Takes out all outcomes of the run's experiment.
WITH removed AS (
    DELETE FROM experiment_outcomes o
    USING run_experiments x
    WHERE o.site_id = x.site_id AND o.experiment_id = x.experiment_id
    RETURNING o.*
)
INSERT INTO run_old_outcomes SELECT * FROM removed
