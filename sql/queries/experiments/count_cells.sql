-- What the run's visitors add, by variant, properties of the unit, event and local day: counted off
-- before the run rewrites them and on afterwards.
-- :sign integer (-1, 1), :sites, :experiments integer[], :visitors bigint[] (null: everybody)
INSERT INTO run_cells
SELECT
    site_id, experiment_id, variant, country_id, device_id, source_id, is_new, name_id, day,
    %(sign)s * sum(visitors), %(sign)s * sum(events), %(sign)s * sum(events_squared),
    %(sign)s * sum(value), %(sign)s * sum(value_squared)
FROM unit_contributions(%(sites)s, %(experiments)s, %(visitors)s)
GROUP BY site_id, experiment_id, variant, country_id, device_id, source_id, is_new, name_id, day
