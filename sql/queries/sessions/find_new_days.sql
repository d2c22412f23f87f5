-- The visitor-days that are not there yet.
INSERT INTO run_changed_days
SELECT site_id, dimension, value_id, visitor_id, day, NULL, false
FROM run_target_days t
WHERE NOT EXISTS (
    SELECT FROM visitor_value_days v
    WHERE v.dimension = t.dimension AND v.site_id = t.site_id AND v.visitor_id = t.visitor_id
        AND v.value_id = t.value_id AND v.day = t.day)
