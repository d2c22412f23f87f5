-- The names of the events of a share that the cut parts; grain and columns as share_names. Needs shares.
-- :site_id int
SELECT e.name_id, e.visitor_id, s.started_at, s.session_id, count(*)::int AS events,
    sum(e.is_conversion::int)::int AS conversions, sum(coalesce(e.revenue, 0)) AS revenue_net
FROM shares s
JOIN events e ON e.site_id = %(site_id)s AND e.visitor_id = s.visitor_id
    AND e.session_key = s.session_key AND e.ts BETWEEN s.first_at AND s.last_at
WHERE s.is_cut
GROUP BY e.name_id, e.visitor_id, s.started_at, s.session_id
