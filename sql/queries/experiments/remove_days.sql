-- Forgets an experiment's arms by day; a rebuild counts everybody anew.
-- :sites, :experiments integer[]
DELETE FROM experiment_days WHERE site_id = ANY (%(sites)s) AND experiment_id = ANY (%(experiments)s)
