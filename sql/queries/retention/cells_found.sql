-- Grain: a cohort and a period, of the members whose first session is selected and of the activity
-- in selected sessions, of shares that may be those of some of the visitors. Follows a WITH that has
-- shares.
-- :site_id int, :grain text, :mode text (bounded, unbounded, rolling), :unit_s float8 (rolling),
-- :first :last_cohort :last date, :as_of timestamptz
-- retained: members active in the period (unbounded: active for the last time)
-- newest_at: the last first event of them; revenue_net: of members in the (calendar) period
WITH first_sessions AS (
    SELECT s.visitor_id, s.started_at, s.session_id, s.session_key,
        period_start(%(grain)s, v.first_day) AS cohort
    FROM shares s
    JOIN visitors v ON v.site_id = %(site_id)s AND v.visitor_id = s.visitor_id
        AND v.first_at = s.started_at
    WHERE s.is_start AND v.first_day BETWEEN %(first)s AND %(last_cohort)s
        AND v.first_at < %(as_of)s
),
members AS (
    SELECT visitor_id, cohort, started_at AS since
    FROM first_sessions f
    WHERE NOT EXISTS (
        SELECT FROM sessions o
        WHERE o.site_id = %(site_id)s AND o.started_at = f.started_at
            AND o.visitor_id = f.visitor_id AND o.session_id <> f.session_id
            AND (SELECT min(event_id) FROM events e
                 WHERE e.site_id = %(site_id)s AND e.visitor_id = o.visitor_id
                     AND e.session_key = o.session_key AND e.ts = o.started_at)
              < (SELECT min(event_id) FROM events e
                 WHERE e.site_id = %(site_id)s AND e.visitor_id = f.visitor_id
                     AND e.session_key = f.session_key AND e.ts = f.started_at))
),
-- A share tells its day. Its hours are needed for spans, which it may touch more than two of, and
-- where as_of cuts it.
hours AS (
    SELECT m.visitor_id, m.cohort, m.since, s.session_key, s.local_day, s.first_at, s.last_at,
        s.revenue_net
    FROM members m
    JOIN shares s USING (visitor_id)
    WHERE s.last_at < %(as_of)s AND (%(mode)s <> 'rolling' OR s.hour_at = s.last_hour_at)
    UNION ALL
    SELECT m.visitor_id, m.cohort, m.since, s.session_key, h.local_day, h.first_at, h.last_at,
        h.revenue_net
    FROM members m
    JOIN shares s USING (visitor_id)
    JOIN session_hours h ON h.site_id = %(site_id)s AND h.local_day = s.local_day
        AND h.session_id = s.session_id AND h.started_at = s.started_at
    WHERE (s.last_at >= %(as_of)s OR %(mode)s = 'rolling' AND s.hour_at < s.last_hour_at)
        AND h.first_at < %(as_of)s
),
cut_events AS (
    SELECT h.visitor_id, h.cohort, h.since, h.local_day, e.ts, coalesce(e.revenue, 0) AS revenue
    FROM hours h
    JOIN events e ON e.site_id = %(site_id)s AND e.visitor_id = h.visitor_id
        AND e.session_key = h.session_key AND e.ts BETWEEN h.first_at AND h.last_at
    WHERE h.last_at >= %(as_of)s AND e.ts >= %(as_of)s - INTERVAL '2 hours' AND e.ts < %(as_of)s
),
instants AS (
    SELECT visitor_id, cohort, since, local_day, first_at AS at,
        CASE WHEN last_at < %(as_of)s THEN revenue_net ELSE 0 END AS revenue_net
    FROM hours
    UNION ALL
    SELECT visitor_id, cohort, since, local_day, last_at, 0
    FROM hours WHERE %(mode)s = 'rolling' AND last_at < %(as_of)s AND last_at > first_at
    UNION ALL
    SELECT * FROM cut_events
),
active AS (
    SELECT visitor_id, cohort, since, CASE %(mode)s
        WHEN 'rolling' THEN floor(date_part('epoch', at - since) / %(unit_s)s)::integer
        ELSE period_number(%(grain)s, cohort, period_start(%(grain)s, local_day)) END AS period
    FROM instants
    GROUP BY 1, 2, 3, 4
)
SELECT
    cohort, period, sum(retained)::bigint AS retained, max(newest_at) AS newest_at,
    sum(revenue_net) AS revenue_net
FROM (
    SELECT cohort, period, count(*) AS retained, max(since) AS newest_at, 0 AS revenue_net
    FROM active WHERE %(mode)s <> 'unbounded'
    GROUP BY 1, 2
    UNION ALL
    SELECT cohort, period, count(*), max(since), 0
    FROM (
        SELECT cohort, since, max(period) AS period
        FROM active WHERE %(mode)s = 'unbounded' GROUP BY visitor_id, cohort, since
    ) AS l
    GROUP BY 1, 2
    UNION ALL
    SELECT cohort, period_number(%(grain)s, cohort, period_start(%(grain)s, local_day)), 0, NULL,
        sum(revenue_net)
    FROM instants GROUP BY 1, 2
) AS parts
GROUP BY cohort, period
