-- Grain and columns: as value_found.sql, by page: the figures of the sessions that have a view of it.
-- Follows a WITH that has shares. parted: sessions of several days, whose shares know the pages of a
-- day alone. value_id 0: no path was sent.
-- :site_id int, :first :last date
WITH parted AS (
    SELECT started_at, session_id, page_ids
    FROM sessions
    WHERE site_id = %(site_id)s AND last_day > local_day AND last_day >= %(first)s
        AND local_day <= %(last)s
),
viewed AS NOT MATERIALIZED (
    SELECT s.visitor_id, s.is_start, s.is_bounce, s.duration_us, s.events, s.pageviews,
        s.conversions, s.revenue_net, unnest(coalesce(p.page_ids, s.page_ids)) AS value_id
    FROM shares s
    LEFT JOIN parted p USING (started_at, session_id)
),
sums AS (
    SELECT value_id, count(*) FILTER (WHERE is_start) AS sessions,
        count(*) FILTER (WHERE is_start AND is_bounce) AS bounces,
        coalesce(sum(duration_us) FILTER (WHERE is_start), 0)::bigint AS duration_us,
        sum(events)::bigint AS events, sum(pageviews)::bigint AS pageviews,
        sum(conversions)::bigint AS conversions, sum(revenue_net) AS revenue_net
    FROM viewed
    GROUP BY value_id
),
counts AS (
    SELECT value_id, count(*) AS visitors
    FROM (SELECT DISTINCT value_id, visitor_id FROM viewed) AS people
    GROUP BY value_id
)
SELECT value_id, visitors, sessions, bounces, duration_us, events, pageviews, conversions, revenue_net
FROM sums
JOIN counts USING (value_id)
UNION ALL
SELECT NULL, 0, count(*), 0, 0, 0, 0, 0, 0 FROM shares WHERE is_start
