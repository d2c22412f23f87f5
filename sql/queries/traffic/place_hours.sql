-- Shares by the local hours they fall into. Follows a WITH that has hours; adds placed.
-- :froms timestamptz[] (instants the buckets begin, ascending)
, placed AS NOT MATERIALIZED (
    SELECT width_bucket(first_at, %(froms)s::timestamptz[]) AS ordinal, visitor_id, is_start,
        is_bounce, duration_us, session_pageviews, events, pageviews, conversions, purchases,
        revenue_gross, revenue_net
    FROM hours
)
