-- Shares by the local hours they fall into. Follows a WITH that has shares; begins a WITH of placed.
-- Only shares of several hours need to be split.
-- :site_id int, :froms timestamptz[] (instants the buckets begin, ascending), {value_id}: the label of
-- a share's value
WITH hours AS NOT MATERIALIZED (
    SELECT {value_id} AS value_id, visitor_id, first_at, is_start, is_bounce, duration_us,
        session_pageviews, events, pageviews, conversions, purchases, revenue_gross, revenue_net
    FROM shares s
    WHERE hour_at = last_hour_at
    UNION ALL
    SELECT {value_id}, h.visitor_id, h.first_at, h.first_at = s.started_at, s.is_bounce,
        s.duration_us, s.session_pageviews, h.events, h.pageviews, h.conversions, h.purchases,
        h.revenue_gross, h.revenue_net
    FROM shares s
    JOIN session_hours h ON h.site_id = %(site_id)s AND h.local_day = s.local_day
        AND h.session_id = s.session_id AND h.started_at = s.started_at
    WHERE s.hour_at < s.last_hour_at
),
placed AS (
    SELECT width_bucket(first_at, %(froms)s::timestamptz[]) AS ordinal, value_id, visitor_id,
        is_start, is_bounce, duration_us, session_pageviews, events, pageviews, conversions,
        purchases, revenue_gross, revenue_net
    FROM hours
)
