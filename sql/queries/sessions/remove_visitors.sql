-- Takes out the run's visitors that have no day left.
DELETE FROM visitors v
USING (SELECT DISTINCT site_id, visitor_id FROM run_days) AS d
WHERE v.site_id = d.site_id AND v.visitor_id = d.visitor_id AND NOT EXISTS (
    SELECT FROM visitor_days w
    WHERE w.dimension = 0 AND w.site_id = d.site_id AND w.visitor_id = d.visitor_id
        AND w.value_id = 0)
