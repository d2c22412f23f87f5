-- Puts in the new visitor-days, each linked to the day before it: a stored one or a new one.
WITH added AS (
    SELECT
        *, lag(day) OVER (PARTITION BY visitor_id, site_id, dimension, value_id ORDER BY day)
            AS new_before
    FROM run_changed_days
    WHERE was_at IS NULL
),
stored AS (
    INSERT INTO visitor_value_days
        (site_id, dimension, value_id, visitor_id, day, prev_day, first_at)
    SELECT
        a.site_id, a.dimension, a.value_id, a.visitor_id, a.day,
        greatest(a.new_before, before.day), a.is_at
    FROM added a
    LEFT JOIN LATERAL (
        SELECT v.day FROM visitor_value_days v
        WHERE a.is_preceded AND v.dimension = a.dimension AND v.site_id = a.site_id
            AND v.visitor_id = a.visitor_id AND v.value_id = a.value_id AND v.day < a.day
        ORDER BY v.day DESC LIMIT 1
    ) AS before ON true
    RETURNING site_id, dimension, value_id, day, prev_day
)
INSERT INTO run_gaps
SELECT site_id, dimension, value_id, day, prev_day, count(*)
FROM stored
GROUP BY site_id, dimension, value_id, day, prev_day
