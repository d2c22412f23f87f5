-- Grain: bucket of whole local days, empty ones included, from rollups.
-- :site_id int, :names :firsts :lasts date[] (a bucket's name and its days in the range)
WITH b AS (
    SELECT name, first, last
    FROM unnest(%(names)s::date[], %(firsts)s::date[], %(lasts)s::date[]) AS u(name, first, last)
)
SELECT
    b.name AS bucket, v.visitors, v.new_visitors, c.converting_visitors, s.sessions,
    s.bounces, s.duration_us, s.session_pageviews, e.events, e.pageviews, e.conversions,
    e.purchases, e.revenue_gross, e.revenue_net
FROM b
CROSS JOIN LATERAL (
    SELECT coalesce(sum(visitors), 0)::bigint AS visitors,
        coalesce(sum(visitors) FILTER (WHERE prev_day IS NULL), 0)::bigint AS new_visitors
    FROM unique_gaps
    WHERE site_id = %(site_id)s AND dimension = 0 AND day BETWEEN b.first AND b.last
        AND (prev_day IS NULL OR prev_day < b.first)
) AS v
CROSS JOIN LATERAL (
    SELECT coalesce(sum(visitors), 0)::bigint AS converting_visitors
    FROM value_gaps
    WHERE site_id = %(site_id)s AND dimension = 9 AND day BETWEEN b.first AND b.last
        AND (prev_day IS NULL OR prev_day < b.first)
) AS c
CROSS JOIN LATERAL (
    SELECT coalesce(sum(sessions), 0)::bigint AS sessions,
        coalesce(sum(bounces), 0)::bigint AS bounces,
        coalesce(sum(duration_us), 0)::bigint AS duration_us,
        coalesce(sum(session_pageviews), 0)::bigint AS session_pageviews
    FROM session_value_days
    WHERE site_id = %(site_id)s AND dimension = 0 AND local_day BETWEEN b.first AND b.last
) AS s
LEFT JOIN (
    SELECT b.name, sum(events)::bigint AS events, sum(pageviews)::bigint AS pageviews,
        sum(conversions)::bigint AS conversions, sum(purchases)::bigint AS purchases,
        sum(revenue_gross) AS revenue_gross, sum(revenue_net) AS revenue_net
    FROM b JOIN event_quarters q ON q.local_day BETWEEN b.first AND b.last
    WHERE q.site_id = %(site_id)s AND q.local_day BETWEEN %(first)s AND %(last)s
    GROUP BY b.name
) AS sums USING (name)
CROSS JOIN LATERAL (
    SELECT coalesce(sums.events, 0) AS events, coalesce(sums.pageviews, 0) AS pageviews,
        coalesce(sums.conversions, 0) AS conversions, coalesce(sums.purchases, 0) AS purchases,
        coalesce(sums.revenue_gross, 0) AS revenue_gross,
        coalesce(sums.revenue_net, 0) AS revenue_net
) AS e
ORDER BY b.name
