-- Grain: value of a first-touch dimension, of shares that may be those of some of the visitors. A row
-- with value_id null has the sessions of all values. Follows a WITH that has shares.
-- {column}: the dimension's column in shares
WITH sums AS (
    SELECT {column} AS value_id, count(*) FILTER (WHERE is_start) AS sessions,
        count(*) FILTER (WHERE is_start AND is_bounce) AS bounces,
        coalesce(sum(duration_us) FILTER (WHERE is_start), 0)::bigint AS duration_us,
        sum(events)::bigint AS events, sum(pageviews)::bigint AS pageviews,
        sum(conversions)::bigint AS conversions, sum(revenue_net) AS revenue_net
    FROM shares
    GROUP BY 1
),
counts AS (
    SELECT value_id, count(*) AS visitors
    FROM (SELECT DISTINCT {column} AS value_id, visitor_id FROM shares) AS people
    GROUP BY value_id
)
SELECT value_id, visitors, sessions, bounces, duration_us, events, pageviews, conversions, revenue_net
FROM sums
JOIN counts USING (value_id)
UNION ALL
SELECT NULL, 0, sum(sessions)::bigint, 0, 0, 0, 0, 0, 0 FROM sums
