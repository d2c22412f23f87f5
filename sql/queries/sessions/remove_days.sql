-- Takes out visitor-days that are no more.
WITH removed AS (
    DELETE FROM visitor_value_days v
    USING run_days d
    WHERE v.site_id = d.site_id AND v.visitor_id = d.visitor_id AND v.day = d.day
        AND NOT EXISTS (
            SELECT FROM run_target_days t
            WHERE t.site_id = v.site_id AND t.dimension = v.dimension AND t.value_id = v.value_id
                AND t.visitor_id = v.visitor_id AND t.day = v.day)
    RETURNING v.site_id, v.dimension, v.value_id, v.visitor_id, v.day, v.prev_day
)
INSERT INTO run_changed_days SELECT *, true FROM removed
