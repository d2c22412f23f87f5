-- What experiment_segments should hold.
-- :site_id int
SELECT
    c.site_id, c.experiment_id, d.dimension, d.value_id, c.variant, c.name_id,
    sum(c.visitors)::bigint AS visitors, sum(c.events) AS events,
    sum(c.events_squared) AS events_squared, sum(c.value) AS value,
    sum(c.value_squared) AS value_squared
FROM unit_contributions(
    ARRAY[%(site_id)s::int],
    ARRAY(SELECT experiment_id FROM experiments WHERE site_id = %(site_id)s), NULL) AS c
CROSS JOIN LATERAL (VALUES
    ('country', c.country_id), ('device', c.device_id), ('source', c.source_id),
    ('visitor', c.is_new::int)
) AS d(dimension, value_id)
WHERE c.variant <> ''
GROUP BY 1, 2, 3, 4, 5, 6
