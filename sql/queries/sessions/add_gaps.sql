-- Visitors by day and previous day of the chain: moved from the gap they had to the one they have.
INSERT INTO value_gaps AS g (site_id, dimension, value_id, day, prev_day, visitors)
SELECT site_id, dimension, value_id, day, prev_day, sum(sign)
FROM run_gaps
GROUP BY site_id, dimension, value_id, day, prev_day
HAVING sum(sign) <> 0
ORDER BY site_id, dimension, day, prev_day, value_id
ON CONFLICT (site_id, dimension, day, prev_day, value_id)
DO UPDATE SET visitors = g.visitors + excluded.visitors
