-- The sessions that events of a moment fell into; begins a WITH.
-- :site_id int, :happened timestamptz[]
WITH picked AS (
    SELECT DISTINCT s.*
    FROM events e
    JOIN sessions s ON s.site_id = e.site_id AND s.visitor_id = e.visitor_id
        AND s.session_key = e.session_key AND e.ts BETWEEN s.started_at AND s.ended_at
    WHERE e.site_id = %(site_id)s AND e.ts = ANY(%(happened)s::timestamptz[])
)
