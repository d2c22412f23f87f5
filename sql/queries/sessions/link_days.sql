-- Links the days that follow a new or a removed one to the day now before them.
WITH next AS (
    SELECT DISTINCT
        c.site_id, c.dimension, c.value_id, c.visitor_id, after.day, after.prev_day AS was
    FROM run_changed_days c
    CROSS JOIN LATERAL (
        SELECT v.day, v.prev_day FROM visitor_value_days v
        WHERE v.dimension = c.dimension AND v.site_id = c.site_id AND v.visitor_id = c.visitor_id
            AND v.value_id = c.value_id AND v.day > c.day
        ORDER BY v.day LIMIT 1
    ) AS after
    WHERE c.is_followed AND (c.was_at IS NULL OR c.is_at IS NULL)
),
linked AS (
    SELECT next.*, before.day AS now
    FROM next
    LEFT JOIN LATERAL (
        SELECT v.day FROM visitor_value_days v
        WHERE v.dimension = next.dimension AND v.site_id = next.site_id
            AND v.visitor_id = next.visitor_id AND v.value_id = next.value_id AND v.day < next.day
        ORDER BY v.day DESC LIMIT 1
    ) AS before ON true
    WHERE before.day IS DISTINCT FROM next.was
),
moved AS (
    UPDATE visitor_value_days v SET prev_day = l.now
    FROM linked l
    WHERE v.dimension = l.dimension AND v.site_id = l.site_id AND v.visitor_id = l.visitor_id
        AND v.value_id = l.value_id AND v.day = l.day
)
INSERT INTO run_gaps
SELECT site_id, dimension, value_id, day, was, -1 FROM linked
UNION ALL
SELECT site_id, dimension, value_id, day, now, 1 FROM linked
