-- What the run changes of the arms by day.
INSERT INTO run_day_changes
SELECT site_id, experiment_id, variant, name_id, day, sum(visitors), sum(events),
    sum(events_squared), sum(value), sum(value_squared)
FROM run_cells
GROUP BY site_id, experiment_id, variant, name_id, day
HAVING sum(visitors) <> 0 OR sum(events) <> 0 OR sum(events_squared) <> 0 OR sum(value) <> 0
    OR sum(value_squared) <> 0
