-- Grain: dimension x value x variant x event; the ten values with the most visitors of a dimension.
-- :site_id, :experiment_id integer
-- value null: unknown; event null: the visitors themselves. Squares as in arms_by_day.
WITH cells AS (
    SELECT * FROM experiment_segments
    WHERE site_id = %(site_id)s AND experiment_id = %(experiment_id)s
),
ranked AS (
    SELECT dimension, value_id,
        row_number() OVER (PARTITION BY dimension ORDER BY sum(visitors) DESC, value_id) AS place
    FROM cells WHERE name_id = 0
    GROUP BY dimension, value_id
    HAVING sum(visitors) > 0
)
SELECT
    r.dimension,
    CASE WHEN r.dimension <> 'visitor' THEN v.value WHEN r.value_id = 1 THEN 'new'
        ELSE 'returning' END AS value_name,
    r.place::int AS place, a.variant, l.value AS event, e.visitors AS exposed,
    a.visitors AS converters, a.events::bigint AS conversions, a.value,
    ((e.visitors * a.events_squared - a.events * a.events) / nullif(e.visitors, 0))::float8
        AS conversions_m2,
    ((e.visitors * a.value_squared - a.value * a.value) / nullif(e.visitors, 0))::float8
        AS value_m2
FROM ranked r
JOIN cells a USING (dimension, value_id)
JOIN cells e ON e.dimension = a.dimension AND e.value_id = a.value_id AND e.variant = a.variant
    AND e.name_id = 0
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = a.name_id
LEFT JOIN labels v ON v.site_id = %(site_id)s AND v.label_id = r.value_id
WHERE r.place <= 10
ORDER BY r.dimension, r.place, a.variant, event
