-- What the run changes of the arms by day: old rows -1, new rows +1.
WITH units AS (
    SELECT -1 AS sign, * FROM run_old_units
    UNION ALL
    SELECT 1, * FROM run_new_units
),
outcomes AS (
    SELECT -1 AS sign, * FROM run_old_outcomes
    UNION ALL
    SELECT 1, * FROM run_new_outcomes
),
totals AS (
    SELECT *, sum(events) OVER w AS all_events, sum(value) OVER w AS all_value
    FROM outcomes
    WINDOW w AS (PARTITION BY sign, site_id, experiment_id, visitor_id, name_id ORDER BY day)
),
parts AS (
    SELECT site_id, experiment_id, coalesce(variant, '') AS variant, 0 AS name_id,
        exposed_day AS day, sign AS visitors, 0 AS events, 0 AS events_squared, 0 AS value,
        0 AS value_squared
    FROM units
    UNION ALL
    SELECT
        t.site_id, t.experiment_id, u.variant, t.name_id, t.day,
        t.sign * CASE WHEN t.events > 0 AND t.all_events = t.events THEN 1 ELSE 0 END,
        t.sign * t.events,
        t.sign * (t.all_events * t.all_events
            - (t.all_events - t.events) * (t.all_events - t.events)),
        t.sign * t.value,
        t.sign * (t.all_value * t.all_value - (t.all_value - t.value) * (t.all_value - t.value))
    FROM totals t
    JOIN units u USING (sign, site_id, experiment_id, visitor_id)
)
INSERT INTO run_day_changes
SELECT site_id, experiment_id, variant, name_id, day, sum(visitors), sum(events),
    sum(events_squared), sum(value), sum(value_squared)
FROM parts
GROUP BY site_id, experiment_id, variant, name_id, day
HAVING sum(visitors) <> 0 OR sum(events) <> 0 OR sum(events_squared) <> 0 OR sum(value) <> 0
    OR sum(value_squared) <> 0
