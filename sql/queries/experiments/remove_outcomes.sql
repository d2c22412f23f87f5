-- Takes out the outcomes of the units that were taken out.
WITH removed AS (
    DELETE FROM experiment_outcomes o
    USING run_old_units u
    WHERE o.site_id = u.site_id AND o.experiment_id = u.experiment_id
        AND o.visitor_id = u.visitor_id
    RETURNING o.*
)
INSERT INTO run_old_outcomes SELECT * FROM removed
