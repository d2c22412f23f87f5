-- Grain: local day x variant x event, as they stood at the day's end: the days whose results are out
-- of date, and always the newest.
-- :site_id, :experiment_id integer
-- variant '': seen in several variants; event null: the visitors themselves. Squares: m2 is the sum
-- of (x - mean)^2 over the exposed, x a visitor's total; null without visitors.
WITH cells AS (
    SELECT * FROM experiment_days
    WHERE site_id = %(site_id)s AND experiment_id = %(experiment_id)s
),
added AS (
    SELECT d.day, n.variant, n.name_id,
        sum(coalesce(c.visitors, 0)) OVER w AS visitors, sum(coalesce(c.events, 0)) OVER w AS events,
        sum(coalesce(c.events_squared, 0)) OVER w AS events_squared,
        sum(coalesce(c.value, 0)) OVER w AS value,
        sum(coalesce(c.value_squared, 0)) OVER w AS value_squared
    FROM (SELECT DISTINCT day FROM cells) AS d
    CROSS JOIN (SELECT DISTINCT variant, name_id FROM cells) AS n
    LEFT JOIN cells c USING (day, variant, name_id)
    WINDOW w AS (PARTITION BY n.variant, n.name_id ORDER BY d.day)
)
SELECT
    a.day, a.variant, l.value AS event, e.visitors::bigint AS exposed,
    a.visitors::bigint AS converters, a.events::bigint AS conversions, a.value,
    ((e.visitors * a.events_squared - a.events * a.events) / nullif(e.visitors, 0))::float8
        AS conversions_m2,
    ((e.visitors * a.value_squared - a.value * a.value) / nullif(e.visitors, 0))::float8
        AS value_m2
FROM added a
JOIN added e ON e.day = a.day AND e.variant = a.variant AND e.name_id = 0
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = a.name_id
WHERE a.day >= (
    SELECT least(x.changed_from, (SELECT max(day) FROM cells)) FROM experiments x
    WHERE x.experiment_id = %(experiment_id)s)
ORDER BY a.day, a.variant, event
