-- Grain: event: what visitors did on the last 28 complete local days, for the site's goals, the goals
-- of its experiments and its ten most frequent other events.
-- :site_id integer, :first, :last date, :start, :end timestamptz (the same as instants), :currency
-- visitors: of the days, whatever they did. Squares as in arms_by_day. value of a purchase is net.
WITH people AS (
    SELECT coalesce(sum(visitors), 0)::bigint AS visitors
    FROM unique_gaps
    WHERE dimension = 0 AND site_id = %(site_id)s AND day BETWEEN %(first)s AND %(last)s
        AND (prev_day IS NULL OR prev_day < %(first)s)
),
frequent AS (
    SELECT l.value AS event
    FROM event_name_days n
    JOIN labels l ON l.site_id = n.site_id AND l.label_id = n.name_id
    WHERE n.site_id = %(site_id)s AND n.local_day BETWEEN %(first)s AND %(last)s
        AND l.value NOT IN ('page_view', 'engagement', 'experiment_exposure')
    GROUP BY l.value
    ORDER BY sum(n.events) DESC, l.value
    LIMIT 10
),
wanted AS (
    SELECT event FROM goals WHERE site_id = %(site_id)s
    UNION
    SELECT g.event FROM experiments x, jsonb_to_recordset(x.goals) AS g(event text)
    WHERE x.site_id = %(site_id)s
    UNION
    SELECT event FROM frequent
),
sources AS (
    SELECT w.event, l.label_id AS source_id, l.value = w.event AS is_counted,
        CASE WHEN w.event = 'refund' THEN -1 ELSE 1 END AS sign
    FROM wanted w
    JOIN labels l ON l.site_id = %(site_id)s AND (l.hash = label_hash(w.event)
        OR (w.event = 'purchase' AND l.hash = label_hash('refund')))
),
totals AS (
    SELECT s.event, e.visitor_id, count(*) FILTER (WHERE s.is_counted) AS events,
        sum(s.sign * coalesce(CASE
            WHEN e.kind IN (4, 5) THEN e.revenue
            WHEN e.currency IS NULL OR e.currency = %(currency)s THEN e.value
        END, 0)) AS value
    FROM events e
    JOIN sources s ON s.source_id = e.name_id
    WHERE e.site_id = %(site_id)s AND e.visitor_id IS NOT NULL
        AND e.ts >= %(start)s AND e.ts < %(end)s
    GROUP BY s.event, e.visitor_id
)
SELECT
    t.event, p.visitors AS exposed, count(*) FILTER (WHERE t.events > 0) AS converters,
    sum(t.events)::bigint AS conversions, sum(t.value) AS value,
    ((p.visitors * sum(t.events * t.events) - sum(t.events) * sum(t.events))
        / nullif(p.visitors, 0))::float8 AS conversions_m2,
    ((p.visitors * sum(t.value * t.value) - sum(t.value) * sum(t.value))
        / nullif(p.visitors, 0))::float8 AS value_m2
FROM totals t
CROSS JOIN people p
GROUP BY t.event, p.visitors
HAVING p.visitors > 0
ORDER BY t.event
