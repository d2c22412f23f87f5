-- Part of a funnel's statement; follows `depths` (actor, value, depth) and `conversions` (value,
-- took: interval).
-- Grain: a value of the dimension (without one: a single row, or none), the most entrants first.
-- :site_id int, :steps int, :most bigint
-- counts: people (sessions) by step reached; converted: those who took a known time
counted AS (
    SELECT r.value, s.step, count(*) FILTER (WHERE coalesce(d.depth, r.masks & 1) >= s.step) AS people
    FROM reached r
    LEFT JOIN depths d USING (actor, value)
    CROSS JOIN generate_series(1, %(steps)s) AS s(step)
    WHERE r.masks & 1 = 1
    GROUP BY r.value, s.step
),
timed AS (
    SELECT
        value, count(*) AS converted,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY took_s) AS median_s, avg(took_s) AS mean_s
    FROM (SELECT value, date_part('epoch', took) AS took_s FROM conversions) AS c
    GROUP BY value
)
SELECT
    l.value, array_agg(c.people ORDER BY c.step) AS counts, coalesce(max(t.converted), 0) AS converted,
    max(t.median_s) AS median_s, max(t.mean_s) AS mean_s
FROM counted c
LEFT JOIN timed t USING (value)
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = c.value
GROUP BY c.value, l.value
ORDER BY max(c.people) DESC, l.value NULLS LAST
LIMIT %(most)s
