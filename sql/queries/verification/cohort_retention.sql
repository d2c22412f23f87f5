-- What cohort_retention should hold of the periods that are computed ahead.
-- :site_id int
SELECT
    h.site_id, p.grain, period_start(p.grain, v.first_day) AS cohort,
    period_number(p.grain, period_start(p.grain, v.first_day), period_start(p.grain, h.local_day))
        AS period,
    period_start(p.grain, h.local_day) AS period_day,
    count(DISTINCT h.visitor_id) AS retained, sum(h.revenue_net) AS revenue_net
FROM session_hours h
JOIN visitors v USING (site_id, visitor_id)
JOIN cohort_progress p USING (site_id)
WHERE h.site_id = %(site_id)s AND h.local_day < p.done_day
GROUP BY 1, 2, 3, 4, 5
