-- Takes out the stored sessions that a span reaches: those not more than a gap away from it.
-- :from_at, :to_at timestamptz: bounds of all spans, widened by the longest gap
WITH removed AS (
    DELETE FROM sessions s
    USING run_spans r
    WHERE s.site_id = r.site_id AND s.visitor_id = r.visitor_id AND s.session_key = r.session_key
        AND s.started_at <= r.to_at + r.gap AND s.ended_at >= r.from_at - r.gap
        AND s.started_at <= %(to_at)s AND (r.raw_from IS NULL OR s.started_at >= r.raw_from)
    RETURNING s.*
)
INSERT INTO run_old_sessions SELECT * FROM removed
