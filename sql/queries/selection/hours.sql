-- A selected session's share of a local hour. Follows a WITH that has shares; adds hours to it. Only
-- shares of several hours need to be split.
-- {by}: further columns of shares to keep
-- :site_id int
, hours AS NOT MATERIALIZED (
    SELECT {by}local_day, hour_at, visitor_id, first_at, is_start, is_bounce, duration_us,
        session_pageviews, events, pageviews, conversions, purchases, revenue_gross, revenue_net
    FROM shares
    WHERE hour_at = last_hour_at
    UNION ALL
    SELECT {by}h.local_day, h.hour_at, h.visitor_id, h.first_at, h.first_at = p.started_at,
        p.is_bounce, p.duration_us, p.session_pageviews, h.events, h.pageviews, h.conversions, h.purchases,
        h.revenue_gross, h.revenue_net
    FROM shares p
    JOIN session_hours h ON h.site_id = %(site_id)s AND h.local_day = p.local_day
        AND h.session_id = p.session_id AND h.started_at = p.started_at
    WHERE p.hour_at < p.last_hour_at
)
