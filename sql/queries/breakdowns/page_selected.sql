-- Grain: page, most sessions first, with the figures of the selected sessions that have a view of it.
-- Follows a WITH that has shares. parted: sessions of several days, whose shares know the pages of a
-- day alone. value: null = no path was sent.
-- :site_id int, :first :last date, :most :skip int
, parted AS (
    SELECT started_at, session_id, page_ids
    FROM sessions
    WHERE site_id = %(site_id)s AND last_day > local_day AND last_day >= %(first)s
        AND local_day <= %(last)s
),
viewed AS NOT MATERIALIZED (
    SELECT s.visitor_id, s.is_start, s.is_bounce, s.duration_us, s.events, s.pageviews,
        s.conversions, s.revenue_net, unnest(coalesce(p.page_ids, s.page_ids)) AS page_id
    FROM shares s
    LEFT JOIN parted p USING (started_at, session_id)
),
listed AS (
    SELECT s.*, l.value
    FROM (
        SELECT page_id, count(*) FILTER (WHERE is_start) AS sessions,
            count(*) FILTER (WHERE is_start AND is_bounce) AS bounces,
            coalesce(sum(duration_us) FILTER (WHERE is_start), 0)::bigint AS duration_us,
            sum(events)::bigint AS events, sum(pageviews)::bigint AS pageviews,
            sum(conversions)::bigint AS conversions, sum(revenue_net) AS revenue_net
        FROM viewed
        GROUP BY page_id
    ) AS s
    LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.page_id
    ORDER BY sessions DESC, events DESC, l.value
    LIMIT %(most)s OFFSET %(skip)s
),
counts AS (
    SELECT page_id, count(*) AS visitors
    FROM (
        SELECT DISTINCT page_id, visitor_id
        FROM viewed
        WHERE page_id IN (SELECT page_id FROM listed)
    ) AS people
    GROUP BY page_id
)
SELECT
    l.value, c.visitors, l.sessions,
    (SELECT count(*) FROM shares WHERE is_start) AS all_sessions,
    l.bounces, l.duration_us, l.events, l.pageviews, l.conversions, l.revenue_net
FROM listed l
JOIN counts c USING (page_id)
ORDER BY l.sessions DESC, l.events DESC, l.value
