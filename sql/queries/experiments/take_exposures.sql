-- The exposures of the run's visitors: the first one, and the variant unless there were several.
-- Those to unknown or blank variants, and those outside the experiment's dates, are none.
INSERT INTO run_exposures
SELECT
    v.site_id, v.experiment_id, e.visitor_id, min(e.ts),
    CASE WHEN min(v.variant) = max(v.variant) THEN min(v.variant) END,
    (min(e.ts) AT TIME ZONE v.timezone)::date
FROM run_unit_visitors r
JOIN events e ON e.site_id = r.site_id AND e.visitor_id = r.visitor_id AND e.kind = 3
JOIN run_variants v ON v.site_id = e.site_id AND v.key = e.properties ->> 'experiment'
    AND v.variant = e.properties ->> 'variant'
WHERE (v.starts_at IS NULL OR e.ts >= v.starts_at) AND (v.ends_at IS NULL OR e.ts < v.ends_at)
GROUP BY v.site_id, v.experiment_id, e.visitor_id, v.timezone
