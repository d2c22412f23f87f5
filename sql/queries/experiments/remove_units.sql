-- Takes out the units that are not what the run found.
-- :sites, :experiments integer[], :visitors bigint[] (null: everybody)
DELETE FROM experiment_units u
WHERE u.site_id = ANY (%(sites)s) AND u.experiment_id = ANY (%(experiments)s)
    AND (%(visitors)s::bigint[] IS NULL OR u.visitor_id = ANY (%(visitors)s))
    AND NOT EXISTS (
        SELECT FROM run_units r
        WHERE r.site_id = u.site_id AND r.experiment_id = u.experiment_id
            AND r.visitor_id = u.visitor_id
            AND (r.variant, r.exposed_at, r.exposed_day, r.country_id, r.device_id, r.source_id,
                r.is_new)
            IS NOT DISTINCT FROM (u.variant, u.exposed_at, u.exposed_day, u.country_id,
                u.device_id, u.source_id, u.is_new))
