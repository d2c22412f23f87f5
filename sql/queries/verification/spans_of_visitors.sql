-- The whole log of every visitor of a site, as spans of a rebuild.
-- :site_id int, :from_at timestamptz (null: from the beginning)
INSERT INTO run_spans
SELECT
    e.site_id, e.visitor_id, e.session_key, make_interval(secs => s.session_gap_s), s.timezone,
    min(e.ts), max(e.ts)
FROM events e
JOIN sites s USING (site_id)
WHERE e.site_id = %(site_id)s AND e.visitor_id IS NOT NULL
    AND e.ts >= coalesce(%(from_at)s, '-infinity'::timestamptz)
GROUP BY e.site_id, e.visitor_id, e.session_key, s.session_gap_s, s.timezone
