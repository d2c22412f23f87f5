-- Grain: event name, of shares that may be those of some of the visitors. Follows a WITH that has
-- share_names.
, sums AS (
    SELECT name_id, sum(events)::bigint AS events, sum(conversions)::bigint AS conversions,
        sum(revenue_net) AS revenue_net
    FROM share_names
    GROUP BY name_id
),
people AS (
    SELECT name_id, visitor_id, count(*) AS sessions
    FROM (SELECT DISTINCT name_id, visitor_id, started_at, session_id FROM share_names) AS found
    GROUP BY name_id, visitor_id
),
counts AS (
    SELECT name_id, count(*) AS visitors, sum(sessions)::bigint AS sessions
    FROM people
    GROUP BY name_id
)
SELECT name_id, visitors, sessions, events, conversions, revenue_net
FROM sums
JOIN counts USING (name_id)
