-- Grain: property of the events of a name, most events first. Follows a WITH that begins with selected
-- (columns of sessions; all of the site's without a filter).
-- :event text, :is_filtered bool (false: events without identity count too), :site_id int,
-- :start :end timestamptz, :most int
, e AS (
    SELECT visitor_id, session_key, ts, properties
    FROM events
    WHERE site_id = %(site_id)s AND ts >= %(start)s AND ts < %(end)s AND properties IS NOT NULL
        AND name_id = (SELECT label_id FROM labels
            WHERE site_id = %(site_id)s AND hash = label_hash(%(event)s))
)
SELECT k.key, count(*) AS events
FROM e
LEFT JOIN selected s ON s.visitor_id = e.visitor_id AND s.session_key = e.session_key
    AND e.ts BETWEEN s.started_at AND s.ended_at
CROSS JOIN LATERAL jsonb_object_keys(e.properties) AS k(key)
WHERE (s.session_id IS NOT NULL OR NOT %(is_filtered)s) AND e.properties ->> k.key IS NOT NULL
GROUP BY k.key
ORDER BY events DESC, k.key
LIMIT %(most)s
