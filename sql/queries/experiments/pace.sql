-- How fast visitors come: of the 14 local days before the newest day (which may not be over), those
-- since the first exposure; of the newest alone when it is the first.
-- :site_id, :experiment_id integer
-- visitors_per_day null: nobody was exposed
WITH exposed AS (
    SELECT day, sum(visitors) AS visitors
    FROM experiment_days
    WHERE site_id = %(site_id)s AND experiment_id = %(experiment_id)s AND name_id = 0
        AND variant <> ''
    GROUP BY day
    HAVING sum(visitors) > 0
),
bounds AS (SELECT min(day) AS first, max(day) AS last FROM exposed)
SELECT
    first AS first_day, last AS last_day,
    CASE WHEN first = last THEN (SELECT visitors FROM exposed)
        ELSE (SELECT coalesce(sum(visitors), 0) FROM exposed WHERE day >= last - 14 AND day < last)
            / least(14, last - first) END::float8 AS visitors_per_day
FROM bounds
