-- Grain: one row, the whole range, of the selected sessions. Follows a WITH that has shares. Shares
-- before the cut count whole; of those that it cuts the hours before it, and its hour from events.
-- Parameters and columns: as overview.sql
, parts AS NOT MATERIALIZED (
    SELECT visitor_id, seen_at, events, pageviews, conversions, purchases, revenue_gross, revenue_net
    FROM shares
    WHERE %(cut)s::timestamptz IS NULL OR last_at < %(cut)s
    UNION ALL
    SELECT h.visitor_id, s.seen_at, h.events, h.pageviews, h.conversions, h.purchases, h.revenue_gross,
        h.revenue_net
    FROM shares s
    JOIN session_hours h ON h.site_id = %(site_id)s AND h.local_day = s.local_day
        AND h.session_id = s.session_id AND h.started_at = s.started_at
    WHERE s.first_at < %(cut)s::timestamptz AND s.last_at >= %(cut)s AND h.last_at < %(cut)s
    UNION ALL
    SELECT e.visitor_id, s.seen_at, 1, (e.kind = 1)::int, e.is_conversion::int, (e.kind = 4)::int,
        CASE e.kind WHEN 4 THEN coalesce(e.revenue, 0) ELSE 0 END, coalesce(e.revenue, 0)
    FROM shares s
    JOIN session_hours h ON h.site_id = %(site_id)s AND h.local_day = s.local_day
        AND h.session_id = s.session_id AND h.started_at = s.started_at
        AND h.first_at < %(cut)s::timestamptz AND h.last_at >= %(cut)s
    JOIN events e ON e.site_id = %(site_id)s AND e.visitor_id = s.visitor_id
        AND e.session_key = s.session_key AND e.ts >= h.first_at AND e.ts < %(cut)s
    WHERE s.first_at < %(cut)s::timestamptz AND s.last_at >= %(cut)s
),
people AS (
    SELECT visitor_id, bool_or(conversions > 0) AS is_converting, min(seen_at) AS seen_at
    FROM parts GROUP BY visitor_id
)
SELECT
    p.visitors, p.new_visitors, p.converting_visitors, s.sessions, s.bounces, s.duration_us,
    s.session_pageviews, e.events, e.pageviews, e.conversions, e.purchases, e.revenue_gross,
    e.revenue_net, w.without_identity
FROM (
    SELECT count(*) AS visitors,
        count(*) FILTER (WHERE seen_at >= %(start)s) AS new_visitors,
        count(*) FILTER (WHERE is_converting) AS converting_visitors
    FROM people
) AS p, (
    SELECT count(*) AS sessions, count(*) FILTER (WHERE is_bounce) AS bounces,
        coalesce(sum(duration_us), 0)::bigint AS duration_us,
        coalesce(sum(session_pageviews), 0)::bigint AS session_pageviews
    FROM shares
    WHERE is_start AND (%(cut)s::timestamptz IS NULL OR started_at < %(cut)s)
) AS s, (
    SELECT coalesce(sum(events), 0)::bigint AS events,
        coalesce(sum(pageviews), 0)::bigint AS pageviews,
        coalesce(sum(conversions), 0)::bigint AS conversions,
        coalesce(sum(purchases), 0)::bigint AS purchases,
        coalesce(sum(revenue_gross), 0) AS revenue_gross,
        coalesce(sum(revenue_net), 0) AS revenue_net
    FROM parts
) AS e, (
    SELECT (SELECT coalesce(sum(events), 0) FROM event_quarters
            WHERE site_id = %(site_id)s AND local_day BETWEEN %(first)s AND %(whole_last)s)::bigint
        - (SELECT coalesce(sum(events), 0) FROM session_value_days
            WHERE site_id = %(site_id)s AND dimension = 0
                AND local_day BETWEEN %(first)s AND %(whole_last)s)::bigint
        + (SELECT count(*) FROM events  -- of the day that is cut
            WHERE site_id = %(site_id)s AND local_day = %(last)s AND visitor_id IS NULL
                AND ts >= %(cut)s::timestamptz - INTERVAL '26 hours' AND ts < %(cut)s)
            AS without_identity
) AS w
