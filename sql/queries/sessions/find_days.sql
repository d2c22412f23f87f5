-- The visitor-days that the run touches.
INSERT INTO run_days SELECT DISTINCT site_id, visitor_id, local_day FROM run_hours
