-- Grain: value of a property, most events first. Follows a WITH that begins with selected (columns of
-- sessions; all of the site's without a filter).
-- :key text, :event text (its events alone; null: all), :is_filtered bool (false: events without
-- identity count too), :site_id int, :start :end timestamptz, :most :skip int
, e AS (
    SELECT visitor_id, session_key, ts, is_conversion, revenue, properties ->> %(key)s AS value
    FROM events
    WHERE site_id = %(site_id)s AND ts >= %(start)s AND ts < %(end)s
        AND properties ->> %(key)s IS NOT NULL
        AND (%(event)s::text IS NULL OR name_id = (SELECT label_id FROM labels
            WHERE site_id = %(site_id)s AND hash = label_hash(%(event)s)))
)
SELECT
    e.value, count(DISTINCT e.visitor_id) AS visitors,
    count(DISTINCT (s.started_at, s.session_id)) FILTER (WHERE s.session_id IS NOT NULL) AS sessions,
    count(*) AS events, sum(count(*)) OVER ()::bigint AS all_events,
    count(*) FILTER (WHERE e.is_conversion) AS conversions,
    coalesce(sum(e.revenue), 0) AS revenue_net
FROM e
LEFT JOIN selected s ON s.visitor_id = e.visitor_id AND s.session_key = e.session_key
    AND e.ts BETWEEN s.started_at AND s.ended_at
WHERE s.session_id IS NOT NULL OR NOT %(is_filtered)s
GROUP BY e.value
ORDER BY events DESC, e.value
LIMIT %(most)s OFFSET %(skip)s
