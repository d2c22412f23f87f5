-- Shares by the buckets of whole local days they fall into. Follows a WITH that has shares; adds placed.
-- :days date[] (first days of the buckets, ascending)
, placed AS NOT MATERIALIZED (
    SELECT width_bucket(local_day, %(days)s::date[]) AS ordinal, visitor_id, is_start, is_bounce,
        duration_us, session_pageviews, events, pageviews, conversions, purchases, revenue_gross,
        revenue_net
    FROM shares
)
