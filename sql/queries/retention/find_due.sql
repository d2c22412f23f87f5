-- Grain: a site and grain with periods that have ended and are not computed, or must be again.
-- begin_day: the first period to compute (null: from the beginning); done_day: the running period
WITH running AS (
    SELECT s.site_id, g.grain, period_start(g.grain, (now() AT TIME ZONE s.timezone)::date) AS done_day
    FROM sites s
    CROSS JOIN (VALUES ('day'), ('week'), ('month')) AS g(grain)
    WHERE s.slug IS NOT NULL
),
touched AS (SELECT site_id, min(from_day) AS from_day FROM touched_cohorts GROUP BY site_id)
SELECT r.site_id, r.grain, least(p.done_day, period_start(r.grain, t.from_day)) AS begin_day,
    r.done_day
FROM running r
LEFT JOIN cohort_progress p ON p.site_id = r.site_id AND p.grain = r.grain
LEFT JOIN touched t ON t.site_id = r.site_id
WHERE p.done_day IS NULL OR p.done_day < r.done_day OR t.from_day < r.done_day
