-- Grain: one row, the whole range, of the selected sessions. Follows a WITH that begins with
-- selected (columns of sessions). Shares before the cut's hour count whole, that hour's from events.
-- Parameters and columns: as overview.sql
, shares AS (
    SELECT h.visitor_id, h.local_day, h.events, h.pageviews, h.conversions, h.purchases,
        h.revenue_gross, h.revenue_net
    FROM selected s
    JOIN session_hours h ON h.site_id = s.site_id AND h.session_id = s.session_id
        AND h.started_at = s.started_at
    WHERE h.local_day BETWEEN %(first)s AND %(last)s
        AND (%(cut)s::timestamptz IS NULL OR h.last_at < %(cut)s)
    UNION ALL
    SELECT e.visitor_id, e.local_day, count(*), count(*) FILTER (WHERE e.kind = 1),
        count(*) FILTER (WHERE e.is_conversion), count(*) FILTER (WHERE e.kind = 4),
        coalesce(sum(e.revenue) FILTER (WHERE e.kind = 4), 0), coalesce(sum(e.revenue), 0)
    FROM selected s
    JOIN session_hours h ON h.site_id = s.site_id AND h.session_id = s.session_id
        AND h.started_at = s.started_at AND h.local_day = %(last)s
        AND h.first_at < %(cut)s::timestamptz AND h.last_at >= %(cut)s
    JOIN events e ON e.site_id = s.site_id AND e.visitor_id = s.visitor_id
        AND e.session_key = s.session_key AND e.ts >= h.first_at AND e.ts < %(cut)s
    GROUP BY e.visitor_id, e.local_day
),
people AS (
    SELECT visitor_id, bool_or(conversions > 0) AS is_converting FROM shares GROUP BY visitor_id
),
starts AS (
    SELECT * FROM selected
    WHERE local_day BETWEEN %(first)s AND %(last)s
        AND (%(cut)s::timestamptz IS NULL OR started_at < %(cut)s)
)
SELECT
    p.visitors, p.new_visitors, p.converting_visitors, s.sessions, s.bounces, s.duration_us,
    s.session_pageviews, e.events, e.pageviews, e.conversions, e.purchases, e.revenue_gross,
    e.revenue_net, w.without_identity
FROM (
    SELECT count(*) AS visitors,
        count(*) FILTER (WHERE v.first_day >= %(first)s) AS new_visitors,
        count(*) FILTER (WHERE is_converting) AS converting_visitors
    FROM people JOIN visitors v ON v.site_id = %(site_id)s AND v.visitor_id = people.visitor_id
) AS p, (
    SELECT count(*) AS sessions, count(*) FILTER (WHERE is_bounce) AS bounces,
        coalesce(sum(duration_us), 0)::bigint AS duration_us,
        coalesce(sum(pageviews), 0)::bigint AS session_pageviews
    FROM starts
) AS s, (
    SELECT coalesce(sum(events), 0)::bigint AS events,
        coalesce(sum(pageviews), 0)::bigint AS pageviews,
        coalesce(sum(conversions), 0)::bigint AS conversions,
        coalesce(sum(purchases), 0)::bigint AS purchases,
        coalesce(sum(revenue_gross), 0) AS revenue_gross,
        coalesce(sum(revenue_net), 0) AS revenue_net
    FROM shares
) AS e, (
    SELECT (SELECT coalesce(sum(events), 0) FROM event_quarters
            WHERE site_id = %(site_id)s AND local_day BETWEEN %(first)s AND %(last)s)::bigint
        - (SELECT coalesce(sum(events), 0) FROM session_value_days
            WHERE site_id = %(site_id)s AND dimension = 0
                AND local_day BETWEEN %(first)s AND %(last)s)::bigint AS without_identity
) AS w
