-- Takes out visitors that the run left without a day.
DELETE FROM visitors v
USING (
    SELECT DISTINCT site_id, visitor_id FROM run_changed_days WHERE is_at IS NULL AND dimension = 0
) AS d
WHERE v.site_id = d.site_id AND v.visitor_id = d.visitor_id AND NOT EXISTS (
    SELECT FROM visitor_days w
    WHERE w.dimension = 0 AND w.site_id = d.site_id AND w.visitor_id = d.visitor_id
        AND w.value_id = 0)
