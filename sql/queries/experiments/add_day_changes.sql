-- Adds the run's changes to the arms by day.
INSERT INTO experiment_days AS t
SELECT * FROM run_day_changes ORDER BY site_id, experiment_id, variant, name_id, day
ON CONFLICT (site_id, experiment_id, variant, name_id, day) DO UPDATE SET
    visitors = t.visitors + excluded.visitors, events = t.events + excluded.events,
    events_squared = t.events_squared + excluded.events_squared, value = t.value + excluded.value,
    value_squared = t.value_squared + excluded.value_squared
