-- Takes out the outcomes that are not what the run found.
-- :sites, :experiments integer[], :visitors bigint[] (null: everybody)
DELETE FROM experiment_outcomes o
WHERE o.site_id = ANY (%(sites)s) AND o.experiment_id = ANY (%(experiments)s)
    AND (%(visitors)s::bigint[] IS NULL OR o.visitor_id = ANY (%(visitors)s))
    AND NOT EXISTS (
        SELECT FROM run_outcomes r
        WHERE r.site_id = o.site_id AND r.experiment_id = o.experiment_id
            AND r.visitor_id = o.visitor_id AND r.name_id = o.name_id AND r.day = o.day
            AND r.events = o.events AND r.value = o.value)
