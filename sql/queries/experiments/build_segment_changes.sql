-- What the run changes of the arms by property of the unit.
INSERT INTO run_segment_changes
SELECT site_id, experiment_id, d.dimension, d.value_id, variant, name_id, sum(visitors),
    sum(events), sum(events_squared), sum(value), sum(value_squared)
FROM run_cells
CROSS JOIN LATERAL (VALUES
    ('country', country_id), ('device', device_id), ('source', source_id), ('visitor', is_new::int)
) AS d(dimension, value_id)
WHERE variant <> ''
GROUP BY site_id, experiment_id, d.dimension, d.value_id, variant, name_id
HAVING sum(visitors) <> 0 OR sum(events) <> 0 OR sum(events_squared) <> 0 OR sum(value) <> 0
    OR sum(value_squared) <> 0
