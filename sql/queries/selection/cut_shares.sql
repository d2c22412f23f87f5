-- Shares as far as they lie before the cut, the one that it cuts in several rows: its hours before it,
-- of the hour that holds it the events, and its session's start. Needs shares.
-- :site_id int, :last date (holds the cut), :cut timestamptz
SELECT visitor_id, local_day, is_start, is_bounce, duration_us, session_pageviews, events, pageviews,
    conversions, purchases, revenue_gross, revenue_net
FROM shares
WHERE local_day < %(last)s OR last_at < %(cut)s
UNION ALL
SELECT visitor_id, local_day, true, is_bounce, duration_us, session_pageviews, 0, 0, 0, 0, 0, 0
FROM shares
WHERE local_day = %(last)s AND is_start AND started_at < %(cut)s AND last_at >= %(cut)s
UNION ALL
SELECT h.visitor_id, h.local_day, false, false, 0, 0, h.events, h.pageviews, h.conversions, h.purchases,
    h.revenue_gross, h.revenue_net
FROM shares s
JOIN session_hours h ON h.site_id = %(site_id)s AND h.local_day = s.local_day
    AND h.session_id = s.session_id AND h.started_at = s.started_at
WHERE s.local_day = %(last)s AND s.first_at < %(cut)s AND s.last_at >= %(cut)s AND h.last_at < %(cut)s
UNION ALL
SELECT e.visitor_id, s.local_day, false, false, 0, 0, 1, (e.kind = 1)::int, e.is_conversion::int,
    (e.kind = 4)::int, CASE e.kind WHEN 4 THEN coalesce(e.revenue, 0) ELSE 0 END,
    coalesce(e.revenue, 0)
FROM shares s
JOIN session_hours h ON h.site_id = %(site_id)s AND h.local_day = s.local_day
    AND h.session_id = s.session_id AND h.started_at = s.started_at
    AND h.first_at < %(cut)s AND h.last_at >= %(cut)s
JOIN events e ON e.site_id = %(site_id)s AND e.visitor_id = s.visitor_id
    AND e.session_key = s.session_key AND e.ts >= h.first_at AND e.ts < %(cut)s
WHERE s.local_day = %(last)s AND s.first_at < %(cut)s AND s.last_at >= %(cut)s
