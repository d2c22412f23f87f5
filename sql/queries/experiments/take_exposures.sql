-- The exposures of the run's visitors: the first one, and the variant unless there were several.
-- Those to unknown or blank variants, and those outside the experiment's dates, are none.
INSERT INTO run_exposures
SELECT
    x.site_id, x.experiment_id, e.visitor_id, min(e.ts),
    CASE WHEN min(v.variant) = max(v.variant) THEN min(v.variant) END
FROM run_unit_visitors r
JOIN events e ON e.site_id = r.site_id AND e.visitor_id = r.visitor_id AND e.kind = 3
JOIN run_experiments x ON x.site_id = e.site_id AND x.key = e.properties ->> 'experiment'
CROSS JOIN LATERAL (SELECT jsonb_array_elements(x.variants) ->> 'key' AS variant) AS v
WHERE v.variant = e.properties ->> 'variant'
    AND (x.starts_at IS NULL OR e.ts >= x.starts_at) AND (x.ends_at IS NULL OR e.ts < x.ends_at)
GROUP BY x.site_id, x.experiment_id, e.visitor_id
