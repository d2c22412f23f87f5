-- One row, or none: the first local day of the first period that is not computed ahead, or whose
-- computed figures do not know of everything yet.
-- :site_id int, :grain text
SELECT least(done_day, period_start(%(grain)s, (
    SELECT min(from_day) FROM touched_cohorts WHERE site_id = %(site_id)s))) AS live_first
FROM cohort_progress
WHERE site_id = %(site_id)s AND grain = %(grain)s
