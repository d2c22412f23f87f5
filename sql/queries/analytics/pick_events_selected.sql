-- The events of the selected sessions; follows a WITH that begins with selected (columns of
-- sessions).
-- :start :end timestamptz
, picked AS (
    SELECT e.*
    FROM selected s
    JOIN events e ON e.site_id = s.site_id AND e.visitor_id = s.visitor_id
        AND e.session_key = s.session_key AND e.ts BETWEEN s.started_at AND s.ended_at
    WHERE e.ts >= %(start)s AND e.ts < %(end)s
)
