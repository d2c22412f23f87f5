-- Puts in the outcomes that the run found and that are not there.
INSERT INTO experiment_outcomes
SELECT * FROM run_outcomes r
WHERE NOT EXISTS (
    SELECT FROM experiment_outcomes o
    WHERE o.site_id = r.site_id AND o.experiment_id = r.experiment_id
        AND o.visitor_id = r.visitor_id AND o.name_id = r.name_id AND o.day = r.day)
ORDER BY r.site_id, r.experiment_id, r.visitor_id
