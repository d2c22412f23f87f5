-- A selected session's share of a local hour. Follows a WITH that has shares; adds hours to it. Only
-- shares of several hours need to be split.
-- {by}: further columns of shares to keep
-- :site_id int, :timezone text, :first :last date, :start timestamptz
, clock AS (  -- hour_at is how session_hours calls the hour; half-hour changes begin it elsewhere
    SELECT local_day, local_hour, hour_at, begins_at,
        lead(begins_at, 1, begins_at + INTERVAL '1 hour') OVER (ORDER BY begins_at) AS next_at
    FROM (
        SELECT (quarter AT TIME ZONE %(timezone)s)::date AS local_day,
            extract(hour FROM quarter AT TIME ZONE %(timezone)s)::smallint AS local_hour,
            date_trunc('hour', quarter, %(timezone)s) AS hour_at, min(quarter) AS begins_at
        FROM generate_series(%(start)s::timestamptz, %(start)s::timestamptz + make_interval(
            days => %(last)s::date - %(first)s::date + 2), INTERVAL '15 minutes') AS quarter
        GROUP BY 1, 2, 3
    ) AS hours
),
clocked AS MATERIALIZED (  -- what hours needs and no more: it may be millions of rows
    SELECT {by}s.local_day, s.session_id, s.started_at, s.visitor_id, s.first_at, s.is_start,
        s.is_bounce, s.duration_us, s.session_pageviews, s.events, s.pageviews, s.conversions,
        s.purchases, s.revenue_gross, s.revenue_net, c.hour_at
    FROM shares s
    LEFT JOIN clock c ON c.local_day = s.local_day AND c.local_hour = s.local_hour AND s.is_start
        AND s.first_at >= c.begins_at AND s.last_at < c.next_at
),
hours AS (
    SELECT {by}local_day, hour_at, visitor_id, first_at, is_start, is_bounce, duration_us,
        session_pageviews, events, pageviews, conversions, purchases, revenue_gross, revenue_net
    FROM clocked WHERE hour_at IS NOT NULL
    UNION ALL
    SELECT {by}h.local_day, h.hour_at, h.visitor_id, h.first_at, h.first_at = p.started_at,
        p.is_bounce, p.duration_us, p.session_pageviews, h.events, h.pageviews, h.conversions, h.purchases,
        h.revenue_gross, h.revenue_net
    FROM clocked p
    JOIN session_hours h ON h.site_id = %(site_id)s AND h.local_day = p.local_day
        AND h.session_id = p.session_id AND h.started_at = p.started_at
    WHERE p.hour_at IS NULL
)
