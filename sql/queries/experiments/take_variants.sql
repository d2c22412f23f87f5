-- The known variants of the run's experiments, each with what an exposure to it must meet.
INSERT INTO run_variants
SELECT x.site_id, x.experiment_id, x.key, v.variant, x.starts_at, x.ends_at, x.timezone
FROM run_experiments x
CROSS JOIN LATERAL (SELECT jsonb_array_elements(x.variants) ->> 'key' AS variant) AS v
