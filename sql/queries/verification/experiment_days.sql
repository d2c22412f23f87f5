-- What experiment_days should hold.
-- :site_id int
SELECT
    site_id, experiment_id, variant, name_id, day, sum(visitors)::bigint AS visitors,
    sum(events) AS events, sum(events_squared) AS events_squared, sum(value) AS value,
    sum(value_squared) AS value_squared
FROM unit_contributions(
    ARRAY[%(site_id)s::int],
    ARRAY(SELECT experiment_id FROM experiments WHERE site_id = %(site_id)s), NULL) AS c
GROUP BY site_id, experiment_id, variant, name_id, day
