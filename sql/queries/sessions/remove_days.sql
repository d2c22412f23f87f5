-- Takes out the visitor-days that are no more.
WITH removed AS (
    DELETE FROM visitor_value_days v
    USING run_changed_days c
    WHERE c.is_at IS NULL AND v.site_id = c.site_id AND v.visitor_id = c.visitor_id
        AND v.dimension = c.dimension AND v.value_id = c.value_id AND v.day = c.day
    RETURNING v.site_id, v.dimension, v.value_id, v.day, v.prev_day
)
INSERT INTO run_gaps SELECT *, -1 FROM removed
