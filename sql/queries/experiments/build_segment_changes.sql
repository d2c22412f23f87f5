-- What the run changes of the arms by property of the unit: old rows -1, new rows +1.
WITH units AS (
    SELECT -1 AS sign, * FROM run_old_units WHERE variant IS NOT NULL
    UNION ALL
    SELECT 1, * FROM run_new_units WHERE variant IS NOT NULL
),
totals AS (
    SELECT -1 AS sign, site_id, experiment_id, visitor_id, name_id, sum(events) AS events,
        sum(value) AS value
    FROM run_old_outcomes GROUP BY site_id, experiment_id, visitor_id, name_id
    UNION ALL
    SELECT 1, site_id, experiment_id, visitor_id, name_id, sum(events), sum(value)
    FROM run_new_outcomes GROUP BY site_id, experiment_id, visitor_id, name_id
),
parts AS (
    SELECT site_id, experiment_id, variant, country_id, device_id, source_id, is_new, 0 AS name_id,
        sum(sign) AS visitors, 0 AS events, 0 AS events_squared, 0 AS value, 0 AS value_squared
    FROM units
    GROUP BY site_id, experiment_id, variant, country_id, device_id, source_id, is_new
    UNION ALL
    SELECT t.site_id, t.experiment_id, u.variant, u.country_id, u.device_id, u.source_id, u.is_new,
        t.name_id, sum(CASE WHEN t.events > 0 THEN sign ELSE 0 END), sum(sign * t.events),
        sum(sign * t.events * t.events), sum(sign * t.value), sum(sign * t.value * t.value)
    FROM totals t
    JOIN units u USING (sign, site_id, experiment_id, visitor_id)
    GROUP BY t.site_id, t.experiment_id, u.variant, u.country_id, u.device_id, u.source_id,
        u.is_new, t.name_id
)
INSERT INTO run_segment_changes
SELECT site_id, experiment_id, d.dimension, d.value_id, variant, name_id, sum(visitors),
    sum(events), sum(events_squared), sum(value), sum(value_squared)
FROM parts
CROSS JOIN LATERAL (VALUES
    ('country', country_id), ('device', device_id), ('source', source_id), ('visitor', is_new::int)
) AS d(dimension, value_id)
GROUP BY site_id, experiment_id, d.dimension, d.value_id, variant, name_id
HAVING sum(visitors) <> 0 OR sum(events) <> 0 OR sum(events_squared) <> 0 OR sum(value) <> 0
    OR sum(value_squared) <> 0
