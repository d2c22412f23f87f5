-- The events of one session; begins a WITH.
-- :site_id int, :started_at timestamptz, :key bigint (its session_id)
WITH picked AS (
    SELECT e.*
    FROM sessions s
    JOIN events e ON e.site_id = s.site_id AND e.visitor_id = s.visitor_id
        AND e.session_key = s.session_key AND e.ts BETWEEN s.started_at AND s.ended_at
    WHERE s.site_id = %(site_id)s AND s.started_at = %(started_at)s AND s.session_id = %(key)s
)
