-- As take_exposures, but of everybody.
INSERT INTO run_exposures
SELECT
    v.site_id, v.experiment_id, e.visitor_id, min(e.ts),
    CASE WHEN min(v.variant) = max(v.variant) THEN min(v.variant) END,
    (min(e.ts) AT TIME ZONE v.timezone)::date
FROM events e
JOIN run_variants v ON v.site_id = e.site_id AND v.key = e.properties ->> 'experiment'
    AND v.variant = e.properties ->> 'variant'
WHERE e.kind = 3 AND e.visitor_id IS NOT NULL
    AND (v.starts_at IS NULL OR e.ts >= v.starts_at)
    AND (v.ends_at IS NULL OR e.ts < v.ends_at)
GROUP BY v.site_id, v.experiment_id, e.visitor_id, v.timezone
