-- Adds the run's changes to the arms by property of the unit.
INSERT INTO experiment_segments AS t
SELECT * FROM run_segment_changes
ORDER BY site_id, experiment_id, dimension, value_id, variant, name_id
ON CONFLICT (site_id, experiment_id, dimension, value_id, variant, name_id) DO UPDATE SET
    visitors = t.visitors + excluded.visitors, events = t.events + excluded.events,
    events_squared = t.events_squared + excluded.events_squared, value = t.value + excluded.value,
    value_squared = t.value_squared + excluded.value_squared
