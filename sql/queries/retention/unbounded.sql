-- Grain: a cohort and the last period in which `retained` of its members were active.
-- :site_id int, :grain text, :timezone text, :first :last_cohort :last date, :as_of timestamptz
-- newest_at: null; revenue_net: 0
WITH members AS (
    SELECT visitor_id, first_day, last_at
    FROM visitors
    WHERE site_id = %(site_id)s AND first_day BETWEEN %(first)s AND %(last_cohort)s
        AND first_at < %(as_of)s
),
last_days AS (
    SELECT first_day, (last_at AT TIME ZONE %(timezone)s)::date AS day
    FROM members
    WHERE last_at < %(as_of)s
    UNION ALL
    SELECT m.first_day, max(d.day)
    FROM members m
    JOIN visitor_days d ON d.site_id = %(site_id)s AND d.visitor_id = m.visitor_id
    WHERE m.last_at >= %(as_of)s AND d.dimension = 0 AND d.value_id = 0
        AND d.day BETWEEN %(first)s AND %(last)s AND d.first_at < %(as_of)s
    GROUP BY m.visitor_id, m.first_day
)
SELECT
    cohort, period_number(%(grain)s, cohort, period_day) AS period,
    sum(visitors)::bigint AS retained, NULL::timestamptz AS newest_at, 0::numeric AS revenue_net
FROM (
    SELECT period_start(%(grain)s, first_day) AS cohort, period_start(%(grain)s, day) AS period_day,
        visitors
    FROM (SELECT first_day, day, count(*) AS visitors FROM last_days GROUP BY 1, 2) AS days
) AS c
GROUP BY cohort, period_day
