-- Grain: day, week, month: what a site's cohorts are to be computed for.
-- :site_id int, :touched date (first rewritten local day; null: none)
-- begin_day: the first period to compute; done_day: the running period, which is not computed
SELECT g.grain,
    CASE WHEN p.done_day IS NULL THEN DATE '0001-01-01'
        ELSE least(p.done_day, period_start(g.grain, %(touched)s::date)) END AS begin_day,
    period_start(g.grain, (now() AT TIME ZONE s.timezone)::date) AS done_day
FROM sites s
CROSS JOIN (VALUES ('day'), ('week'), ('month')) AS g(grain)
LEFT JOIN cohort_progress p ON p.site_id = s.site_id AND p.grain = g.grain
WHERE s.site_id = %(site_id)s
