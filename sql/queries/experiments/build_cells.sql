-- What the run changes, by variant, properties of the unit, event and local day: old rows -1, new
-- rows +1. Squares: how much a day's events raise the square of the visitor's total.
WITH units AS (
    SELECT site_id, experiment_id, variant, country_id, device_id, source_id, is_new,
        exposed_day AS day, -count(*) AS visitors
    FROM run_old_units
    GROUP BY site_id, experiment_id, variant, country_id, device_id, source_id, is_new, exposed_day
    UNION ALL
    SELECT site_id, experiment_id, variant, country_id, device_id, source_id, is_new,
        exposed_day, count(*)
    FROM run_new_units
    GROUP BY site_id, experiment_id, variant, country_id, device_id, source_id, is_new, exposed_day
),
outcomes AS (
    SELECT -1 AS sign, o.*, u.variant, u.country_id, u.device_id, u.source_id, u.is_new
    FROM run_old_outcomes o JOIN run_old_units u USING (site_id, experiment_id, visitor_id)
    UNION ALL
    SELECT 1, o.*, u.variant, u.country_id, u.device_id, u.source_id, u.is_new
    FROM run_new_outcomes o JOIN run_new_units u USING (site_id, experiment_id, visitor_id)
),
totals AS (
    SELECT *, (sum(events) OVER w)::bigint AS all_events, sum(value) OVER w AS all_value
    FROM outcomes
    WINDOW w AS (PARTITION BY visitor_id, sign, site_id, experiment_id, name_id ORDER BY day)
)
INSERT INTO run_cells
SELECT site_id, experiment_id, coalesce(variant, ''), country_id, device_id, source_id, is_new, 0,
    day, visitors, 0, 0, 0, 0
FROM units
UNION ALL
SELECT
    site_id, experiment_id, variant, country_id, device_id, source_id, is_new, name_id, day,
    sum(CASE WHEN events > 0 AND all_events = events THEN sign ELSE 0 END),
    sum(sign * events),
    sum(sign * events * (2 * all_events - events)),
    sum(sign * value),
    sum(sign * value * (2 * all_value - value))
FROM totals
GROUP BY site_id, experiment_id, variant, country_id, device_id, source_id, is_new, name_id, day
