-- What event_minutes should hold.
-- :site_id int
SELECT
    site_id, date_trunc('minute', ts) AS minute, count(DISTINCT visitor_id)::int AS active_visitors,
    (count(DISTINCT visitor_id) FILTER (WHERE is_conversion))::int AS converting_visitors,
    count(*)::int AS events, (count(*) FILTER (WHERE kind = 1))::int AS pageviews,
    (count(*) FILTER (WHERE is_conversion))::int AS conversions,
    coalesce(sum(revenue) FILTER (WHERE kind = 4), 0) AS revenue_gross,
    coalesce(sum(revenue), 0) AS revenue_net
FROM events
WHERE site_id = %(site_id)s
GROUP BY 1, 2
