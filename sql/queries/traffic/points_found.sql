-- Grain: bucket of an interval and value with a share in it, of shares that may be those of some of
-- the visitors. Follows a WITH that has placed (traffic/place_*). ordinal: of the bucket, from 1.
-- :site_id int, :froms timestamptz[] (instants the buckets begin, ascending), :start :end timestamptz
, sums AS (
    SELECT ordinal, value_id, count(*) FILTER (WHERE is_start) AS sessions,
        count(*) FILTER (WHERE is_start AND is_bounce) AS bounces,
        coalesce(sum(duration_us) FILTER (WHERE is_start), 0)::bigint AS duration_us,
        coalesce(sum(session_pageviews) FILTER (WHERE is_start), 0)::bigint AS session_pageviews,
        sum(events)::bigint AS events, sum(pageviews)::bigint AS pageviews,
        sum(conversions)::bigint AS conversions, sum(purchases)::bigint AS purchases,
        sum(revenue_gross) AS revenue_gross, sum(revenue_net) AS revenue_net
    FROM placed
    GROUP BY ordinal, value_id
),
people AS (
    SELECT ordinal, value_id, visitor_id, bool_or(conversions > 0) AS is_converting
    FROM placed
    GROUP BY ordinal, value_id, visitor_id
),
counts AS (
    SELECT ordinal, value_id, count(*) AS visitors,
        count(*) FILTER (WHERE v.first_at >= %(start)s AND v.first_at < %(end)s
            AND width_bucket(v.first_at, %(froms)s::timestamptz[]) = ordinal) AS new_visitors,
        count(*) FILTER (WHERE is_converting) AS converting_visitors
    FROM people
    JOIN visitors v ON v.site_id = %(site_id)s AND v.visitor_id = people.visitor_id
    GROUP BY ordinal, value_id
)
SELECT
    ordinal, value_id, visitors, new_visitors, converting_visitors, sessions, bounces, duration_us,
    session_pageviews, events, pageviews, conversions, purchases, revenue_gross, revenue_net
FROM sums
JOIN counts USING (ordinal, value_id)
