-- Corrects the first instant of the visitor-days that stay.
UPDATE visitor_value_days v SET first_at = c.is_at
FROM run_changed_days c
WHERE c.was_at IS NOT NULL AND c.is_at IS NOT NULL AND v.site_id = c.site_id
    AND v.visitor_id = c.visitor_id AND v.dimension = c.dimension AND v.value_id = c.value_id
    AND v.day = c.day
