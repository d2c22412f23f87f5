-- Lets each span begin after the visitor's session that reaches across raw_from: half of its events
-- may be gone, so it stays as it is.
UPDATE run_spans r SET from_at = closed.ended_at + INTERVAL '1 microsecond'
FROM (
    SELECT t.site_id, t.visitor_id, t.session_key, max(s.ended_at) AS ended_at
    FROM run_spans t
    CROSS JOIN LATERAL (
        SELECT ended_at FROM sessions x
        WHERE x.site_id = t.site_id AND x.visitor_id = t.visitor_id
            AND x.session_key = t.session_key AND x.started_at < t.raw_from
            AND x.ended_at >= t.from_at
        OFFSET 0
    ) AS s
    WHERE t.raw_from IS NOT NULL
    GROUP BY t.site_id, t.visitor_id, t.session_key
) AS closed
WHERE r.site_id = closed.site_id AND r.visitor_id = closed.visitor_id
    AND r.session_key = closed.session_key
