-- Sets prev_day of the new visitor-days and of the days that follow a new or a removed one, and
-- moves the visitors to their new gap: old -1, new +1.
WITH suspects AS (
    SELECT site_id, dimension, value_id, visitor_id, day, true AS is_new
    FROM run_changed_days WHERE NOT is_removed
    UNION
    SELECT c.site_id, c.dimension, c.value_id, c.visitor_id, next.day, false
    FROM run_changed_days c
    CROSS JOIN LATERAL (
        SELECT v.day FROM visitor_value_days v
        WHERE v.dimension = c.dimension AND v.site_id = c.site_id AND v.visitor_id = c.visitor_id
            AND v.value_id = c.value_id AND v.day > c.day
        ORDER BY v.day LIMIT 1
    ) AS next
    WHERE NOT EXISTS (
        SELECT FROM run_changed_days n
        WHERE n.site_id = c.site_id AND n.dimension = c.dimension AND n.value_id = c.value_id
            AND n.visitor_id = c.visitor_id AND n.day = next.day AND NOT n.is_removed)
),
linked AS (
    SELECT s.*, before.day AS prev_day
    FROM suspects s
    LEFT JOIN LATERAL (
        SELECT v.day FROM visitor_value_days v
        WHERE v.dimension = s.dimension AND v.site_id = s.site_id AND v.visitor_id = s.visitor_id
            AND v.value_id = s.value_id AND v.day < s.day
        ORDER BY v.day DESC LIMIT 1
    ) AS before ON true
),
was AS (
    SELECT l.site_id, l.dimension, l.value_id, l.visitor_id, l.day, v.prev_day
    FROM linked l
    JOIN visitor_value_days v USING (dimension, site_id, visitor_id, value_id, day)
    WHERE NOT l.is_new
),
moved AS (
    UPDATE visitor_value_days v SET prev_day = l.prev_day
    FROM linked l
    WHERE v.dimension = l.dimension AND v.site_id = l.site_id AND v.visitor_id = l.visitor_id
        AND v.value_id = l.value_id AND v.day = l.day
        AND v.prev_day IS DISTINCT FROM l.prev_day
)
INSERT INTO value_gaps AS g (site_id, dimension, value_id, day, prev_day, visitors)
SELECT site_id, dimension, value_id, day, prev_day, sum(sign)
FROM (
    SELECT site_id, dimension, value_id, day, prev_day, -1 AS sign
    FROM run_changed_days WHERE is_removed
    UNION ALL
    SELECT site_id, dimension, value_id, day, prev_day, -1 FROM was
    UNION ALL
    SELECT site_id, dimension, value_id, day, prev_day, 1 FROM linked
) AS changes
GROUP BY site_id, dimension, value_id, day, prev_day
HAVING sum(sign) <> 0
ORDER BY site_id, dimension, day, prev_day, value_id
ON CONFLICT (site_id, dimension, day, prev_day, value_id)
DO UPDATE SET visitors = g.visitors + excluded.visitors
