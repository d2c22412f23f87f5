-- Grain: plan, that is, a stretch of time between two changes of the planned weights: visitors whose
-- first exposure fell into it.
-- :site_id, :experiment_id integer, :changes timestamptz[] in order of time
-- plan: 0 before the first change
SELECT width_bucket(exposed_at, %(changes)s::timestamptz[]) AS plan, count(*) AS exposed
FROM experiment_units
WHERE site_id = %(site_id)s AND experiment_id = %(experiment_id)s AND variant IS NOT NULL
GROUP BY plan
ORDER BY plan
