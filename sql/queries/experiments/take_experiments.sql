-- The experiments of the run as they are defined at its beginning: one, or those of the run's sites.
-- :experiment_id integer, null: all
-- raw_day: the first local day that is kept whole; what was found before it stays as it was found
INSERT INTO run_experiments
SELECT
    x.site_id, x.experiment_id, x.key, x.variants, x.goals, x.starts_at, x.ends_at,
    make_interval(secs => x.attribution_window_s), s.timezone, s.currency, s.raw_from,
    (s.raw_from AT TIME ZONE s.timezone)::date
FROM experiments x
JOIN sites s USING (site_id)
WHERE CASE WHEN %(experiment_id)s::integer IS NULL
    THEN x.site_id IN (SELECT site_id FROM run_unit_visitors)
    ELSE x.experiment_id = %(experiment_id)s END
