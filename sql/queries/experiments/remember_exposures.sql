-- First exposures older than the raw events that are kept count as they were found.
MERGE INTO run_exposures e
USING (
    SELECT o.site_id, o.experiment_id, o.visitor_id, o.exposed_at, o.variant, o.exposed_day
    FROM run_experiments x
    JOIN run_old_units o ON o.site_id = x.site_id AND o.experiment_id = x.experiment_id
        AND o.exposed_at < x.raw_from
) AS o
ON e.site_id = o.site_id AND e.experiment_id = o.experiment_id AND e.visitor_id = o.visitor_id
WHEN MATCHED THEN UPDATE SET
    exposed_at = least(e.exposed_at, o.exposed_at),
    variant = CASE WHEN e.variant = o.variant THEN e.variant END,
    exposed_day = least(e.exposed_day, o.exposed_day)
WHEN NOT MATCHED THEN INSERT VALUES (
    o.site_id, o.experiment_id, o.visitor_id, o.exposed_at, o.variant, o.exposed_day)
