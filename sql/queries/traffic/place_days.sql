-- Shares by the buckets of whole local days they fall into. Follows a WITH that has shares; begins a
-- WITH of placed.
-- :days date[] (first days of the buckets, ascending), {value_id}: the label of a share's value
WITH placed AS (
    SELECT width_bucket(local_day, %(days)s::date[]) AS ordinal, {value_id} AS value_id, visitor_id,
        is_start, is_bounce, duration_us, session_pageviews, events, pageviews, conversions,
        purchases, revenue_gross, revenue_net
    FROM shares s
)
