-- Extends each span to the sessions that were taken out for it.
UPDATE run_spans r
SET from_at = least(r.from_at, o.started_at), to_at = greatest(r.to_at, o.ended_at)
FROM (
    SELECT site_id, visitor_id, session_key, min(started_at) AS started_at, max(ended_at) AS ended_at
    FROM run_old_sessions GROUP BY site_id, visitor_id, session_key
) AS o
WHERE r.site_id = o.site_id AND r.visitor_id = o.visitor_id AND r.session_key = o.session_key
