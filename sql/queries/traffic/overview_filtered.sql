-- Grain: one row, the whole range, of the selected sessions. Follows a WITH that has parts and people.
-- Parameters and columns: as overview.sql
SELECT
    p.visitors, p.new_visitors, p.converting_visitors, s.sessions, s.bounces, s.duration_us,
    s.session_pageviews, s.events, s.pageviews, s.conversions, s.purchases, s.revenue_gross,
    s.revenue_net, w.without_identity
FROM (
    SELECT visitors, new_visitors, converting_visitors FROM people WHERE kind = 0
) AS p, (
    SELECT coalesce(sum(sessions), 0)::bigint AS sessions,
        coalesce(sum(bounces), 0)::bigint AS bounces,
        coalesce(sum(duration_us), 0)::bigint AS duration_us,
        coalesce(sum(session_pageviews), 0)::bigint AS session_pageviews,
        coalesce(sum(events), 0)::bigint AS events,
        coalesce(sum(pageviews), 0)::bigint AS pageviews,
        coalesce(sum(conversions), 0)::bigint AS conversions,
        coalesce(sum(purchases), 0)::bigint AS purchases,
        coalesce(sum(revenue_gross), 0) AS revenue_gross,
        coalesce(sum(revenue_net), 0) AS revenue_net
    FROM parts WHERE kind = 0
) AS s, (
    SELECT (SELECT coalesce(sum(events), 0) FROM event_quarters
            WHERE site_id = %(site_id)s AND local_day BETWEEN %(first)s AND %(whole_last)s)::bigint
        - (SELECT coalesce(sum(events), 0) FROM session_value_days
            WHERE site_id = %(site_id)s AND dimension = 0
                AND local_day BETWEEN %(first)s AND %(whole_last)s)::bigint
        + (SELECT count(*) FROM events  -- of the day that is cut
            WHERE site_id = %(site_id)s AND visitor_id IS NULL AND ts >= %(last_start)s
                AND ts < %(cut)s)
            AS without_identity
) AS w
