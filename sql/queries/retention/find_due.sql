-- Grain: a site with a period that has ended and is not computed, or that must be computed again.
SELECT site_id
FROM sites s
WHERE slug IS NOT NULL AND (
    EXISTS (SELECT FROM touched_cohorts t WHERE t.site_id = s.site_id)
    OR 3 > (
        SELECT count(*) FROM cohort_progress p
        WHERE p.site_id = s.site_id
            AND p.done_day >= period_start(p.grain, (now() AT TIME ZONE s.timezone)::date)))
ORDER BY site_id
