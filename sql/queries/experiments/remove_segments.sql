-- Forgets an experiment's arms by property of the unit; see remove_days.
-- :sites, :experiments integer[]
DELETE FROM experiment_segments WHERE site_id = ANY (%(sites)s) AND experiment_id = ANY (%(experiments)s)
