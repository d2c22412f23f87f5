-- Grain: a cohort and a period, of bounded activity on local days :live_first to :live_last. A
-- visitor counts once a period: on its first active day, the one whose previous lies before it.
-- :site_id int, :grain text, :first :last_cohort date (first local day of members),
-- :live_first :live_last date (whole periods, the last one cut by as_of), :as_of timestamptz
-- period: 0 is the cohort's own; newest_at: null; revenue_net: of members in the period
WITH active AS (
    SELECT v.first_day, period_start(%(grain)s, d.day) AS period_day, count(*) AS retained,
        0 AS revenue_net
    FROM visitor_days d
    JOIN visitors v ON v.site_id = %(site_id)s AND v.visitor_id = d.visitor_id
    WHERE d.site_id = %(site_id)s AND d.day BETWEEN %(live_first)s AND %(live_last)s
        AND (d.prev_day IS NULL OR d.prev_day < period_start(%(grain)s, d.day))
        AND d.first_at < %(as_of)s AND v.first_day BETWEEN %(first)s AND %(last_cohort)s
    GROUP BY 1, 2
),
paid AS (
    SELECT visitor_id, local_day, sum(revenue_net) AS revenue_net
    FROM (
        SELECT visitor_id, local_day, revenue_net
        FROM session_hours
        WHERE site_id = %(site_id)s AND local_day BETWEEN %(live_first)s AND %(live_last)s
            AND revenue_net <> 0 AND last_at < %(as_of)s
        UNION ALL
        SELECT h.visitor_id, h.local_day, e.revenue
        FROM session_hours h
        JOIN sessions s ON s.site_id = h.site_id AND s.visitor_id = h.visitor_id
            AND s.started_at = h.started_at AND s.session_id = h.session_id
        JOIN events e ON e.site_id = h.site_id AND e.visitor_id = h.visitor_id
            AND e.session_key = s.session_key AND e.ts BETWEEN h.first_at AND h.last_at
        WHERE h.site_id = %(site_id)s AND h.local_day = %(live_last)s
            AND h.first_at < %(as_of)s AND h.last_at >= %(as_of)s
            AND e.ts >= %(as_of)s - INTERVAL '2 hours' AND e.ts < %(as_of)s AND e.revenue <> 0
    ) AS parts
    GROUP BY visitor_id, local_day
),
cells AS (
    SELECT * FROM active
    UNION ALL
    SELECT v.first_day, period_start(%(grain)s, p.local_day), 0, p.revenue_net
    FROM paid p
    JOIN visitors v ON v.site_id = %(site_id)s AND v.visitor_id = p.visitor_id
    WHERE v.first_day BETWEEN %(first)s AND %(last_cohort)s
)
SELECT
    cohort, period_number(%(grain)s, cohort, period_day) AS period,
    sum(retained)::bigint AS retained, NULL::timestamptz AS newest_at,
    sum(revenue_net) AS revenue_net
FROM (SELECT *, period_start(%(grain)s, first_day) AS cohort FROM cells) AS c
GROUP BY cohort, period_day
