-- Grain: site and minute of run_minutes that has events, with and without identity.
-- revenue_*: the site's currency
INSERT INTO event_minutes
SELECT
    m.site_id, m.minute, e.active_visitors, e.converting_visitors, e.events, e.pageviews,
    e.conversions, e.revenue_gross, e.revenue_net
FROM run_minutes m
CROSS JOIN LATERAL (
    SELECT
        count(DISTINCT visitor_id) AS active_visitors,
        count(DISTINCT visitor_id) FILTER (WHERE is_conversion) AS converting_visitors,
        count(*) AS events,
        count(*) FILTER (WHERE kind = 1) AS pageviews,
        count(*) FILTER (WHERE is_conversion) AS conversions,
        coalesce(sum(revenue) FILTER (WHERE kind = 4), 0) AS revenue_gross,
        coalesce(sum(revenue), 0) AS revenue_net
    FROM events e
    WHERE e.site_id = m.site_id AND e.ts >= m.minute AND e.ts < m.minute + INTERVAL '1 minute'
) AS e
WHERE e.events > 0
ORDER BY m.site_id, m.minute
