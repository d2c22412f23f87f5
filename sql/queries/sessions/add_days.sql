-- Puts in the visitor-days that are new and corrects the first instant of those that were there.
-- prev_day follows in link_days.
INSERT INTO visitor_value_days AS v (site_id, dimension, value_id, visitor_id, day, first_at)
SELECT site_id, dimension, value_id, visitor_id, day, first_at
FROM run_target_days
ORDER BY site_id, visitor_id, dimension, value_id, day
ON CONFLICT (site_id, visitor_id, dimension, value_id, day)
DO UPDATE SET first_at = excluded.first_at WHERE v.first_at <> excluded.first_at
