-- As take_exposures, but of everybody.
INSERT INTO run_exposures
SELECT
    x.site_id, x.experiment_id, e.visitor_id, min(e.ts),
    CASE WHEN min(v.variant) = max(v.variant) THEN min(v.variant) END
FROM run_experiments x
JOIN events e ON e.site_id = x.site_id AND e.kind = 3 AND e.visitor_id IS NOT NULL
    AND x.key = e.properties ->> 'experiment'
CROSS JOIN LATERAL (SELECT jsonb_array_elements(x.variants) ->> 'key' AS variant) AS v
WHERE v.variant = e.properties ->> 'variant'
    AND (x.starts_at IS NULL OR e.ts >= x.starts_at) AND (x.ends_at IS NULL OR e.ts < x.ends_at)
GROUP BY x.site_id, x.experiment_id, e.visitor_id
