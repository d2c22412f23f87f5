-- Grain: a cohort and a period that begins before :live_first, as computed ahead.
-- :site_id int, :grain text, :first :last_cohort :live_first date
SELECT cohort, period, retained, NULL::timestamptz AS newest_at, revenue_net
FROM cohort_retention
WHERE site_id = %(site_id)s AND grain = %(grain)s
    AND cohort BETWEEN %(first)s AND %(last_cohort)s AND period_day < %(live_first)s
