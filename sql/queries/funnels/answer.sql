-- Part of a funnel's statement; follows `depths` (actor, value, depth: 1 or more) and `conversions`
-- (value, took: interval).
-- Grain: a value of the dimension (without one: a single row, or none), the most entrants first.
-- :site_id int, :steps int, :most bigint
-- counts: people (sessions) by step reached; converted: those who took a known time
people AS (
    SELECT value, depth, count(*) AS people FROM depths WHERE depth > 0 GROUP BY value, depth
),
counted AS (
    SELECT value, s.step, coalesce(sum(people) FILTER (WHERE depth >= s.step), 0)::bigint AS people
    FROM people
    CROSS JOIN generate_series(1, %(steps)s) AS s(step)
    GROUP BY value, s.step
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
