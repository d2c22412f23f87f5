-- Grain: a cohort and a span of :unit_s seconds since a member's first event. A session's share of
-- an hour begins and ends with an event, and an hour is shorter than a span: its two ends tell
-- every span it has events in. Where as_of cuts an hour, its events do.
-- :site_id int, :grain text, :first :last_cohort :last date, :as_of timestamptz, :unit_s float8
-- newest_at: the last first event of the members active in the span; revenue_net: 0
WITH hours AS (
    SELECT v.visitor_id, v.first_at AS since, v.first_day, h.session_id, h.started_at,
        h.first_at, h.last_at
    FROM visitors v
    JOIN session_hours h ON h.site_id = %(site_id)s AND h.visitor_id = v.visitor_id
    WHERE v.site_id = %(site_id)s AND v.first_day BETWEEN %(first)s AND %(last_cohort)s
        AND v.first_at < %(as_of)s AND h.local_day BETWEEN %(first)s AND %(last)s
        AND h.first_at < %(as_of)s
),
instants AS (
    SELECT visitor_id, since, first_day, first_at AS at FROM hours
    UNION ALL
    SELECT visitor_id, since, first_day, last_at FROM hours
    WHERE last_at < %(as_of)s AND last_at > first_at
    UNION ALL
    SELECT h.visitor_id, since, first_day, e.ts
    FROM hours h
    JOIN sessions s ON s.site_id = %(site_id)s AND s.started_at = h.started_at
        AND s.session_id = h.session_id
    JOIN events e ON e.site_id = %(site_id)s AND e.visitor_id = h.visitor_id
        AND e.session_key = s.session_key AND e.ts BETWEEN h.first_at AND h.last_at
    WHERE h.last_at >= %(as_of)s AND e.ts < %(as_of)s
),
active AS (
    SELECT DISTINCT visitor_id, first_day, since,
        floor(date_part('epoch', at - since) / %(unit_s)s)::integer AS period
    FROM instants
)
SELECT
    period_start(%(grain)s, first_day) AS cohort, period, count(*) AS retained,
    max(since) AS newest_at, 0::numeric AS revenue_net
FROM active
GROUP BY 1, 2
