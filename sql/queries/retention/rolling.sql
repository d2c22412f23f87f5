-- Grain: a cohort and a span of :unit_s seconds since a member's first event. A session's share of
-- an hour begins and ends with an event, and an hour is shorter than a span: its two ends tell
-- every span it has events in. Where as_of cuts an hour, its events do.
-- :site_id int, :grain text, :first :last_cohort :last date, :as_of timestamptz, :unit_s float8
-- newest_at: the last first event of the members active in the span; revenue_net: 0
WITH ends AS (
    SELECT v.visitor_id, v.first_day, v.first_at AS since,
        floor(date_part('epoch', h.first_at - v.first_at) / %(unit_s)s) AS began,
        floor(date_part('epoch', CASE WHEN h.last_at < %(as_of)s THEN h.last_at
            ELSE h.first_at END - v.first_at) / %(unit_s)s) AS ended
    FROM visitors v
    JOIN session_hours h ON h.site_id = %(site_id)s AND h.visitor_id = v.visitor_id
    WHERE v.site_id = %(site_id)s AND v.first_day BETWEEN %(first)s AND %(last_cohort)s
        AND v.first_at < %(as_of)s AND h.local_day BETWEEN %(first)s AND %(last)s
        AND h.first_at < %(as_of)s
    GROUP BY 1, 2, 3, 4, 5
),
cut AS (
    SELECT v.visitor_id, v.first_day, v.first_at AS since,
        floor(date_part('epoch', e.ts - v.first_at) / %(unit_s)s) AS period
    FROM session_hours h
    JOIN visitors v ON v.site_id = %(site_id)s AND v.visitor_id = h.visitor_id
    JOIN sessions s ON s.site_id = %(site_id)s AND s.visitor_id = h.visitor_id
        AND s.started_at = h.started_at AND s.session_id = h.session_id
    JOIN events e ON e.site_id = %(site_id)s AND e.visitor_id = h.visitor_id
        AND e.session_key = s.session_key AND e.ts BETWEEN h.first_at AND h.last_at
    WHERE h.site_id = %(site_id)s AND h.local_day = %(last)s
        AND h.first_at < %(as_of)s AND h.last_at >= %(as_of)s
        AND v.first_day BETWEEN %(first)s AND %(last_cohort)s
        AND e.ts >= %(as_of)s - INTERVAL '2 hours' AND e.ts < %(as_of)s
),
active AS (
    SELECT visitor_id, first_day, since, began AS period FROM ends
    UNION
    SELECT visitor_id, first_day, since, ended FROM ends WHERE ended > began
    UNION
    SELECT * FROM cut
)
SELECT
    period_start(%(grain)s, first_day) AS cohort, period::integer, sum(people)::bigint AS retained,
    max(newest_at) AS newest_at, 0::numeric AS revenue_net
FROM (
    SELECT first_day, period, count(*) AS people, max(since) AS newest_at
    FROM active GROUP BY 1, 2
) AS a
GROUP BY 1, 2
