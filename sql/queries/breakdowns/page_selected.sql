-- Grain: page, most sessions first, with the figures of the selected sessions that have a view of it.
-- Follows a WITH that begins with selected (columns of sessions). value: null = no path was sent.
-- :first :last date, :most :skip int
, viewed AS (
    SELECT DISTINCT s.site_id, s.started_at, s.session_id, s.local_day, s.is_bounce, s.duration_us,
        p.page_id
    FROM selected s
    JOIN session_pages p ON p.site_id = s.site_id AND p.session_id = s.session_id
        AND p.started_at = s.started_at
        AND p.local_day BETWEEN s.local_day AND s.last_day
    WHERE p.views > 0
),
listed AS (
    SELECT page_id, count(*) FILTER (WHERE local_day BETWEEN %(first)s AND %(last)s) AS sessions,
        count(*) FILTER (WHERE is_bounce AND local_day BETWEEN %(first)s AND %(last)s) AS bounces,
        coalesce(sum(duration_us) FILTER (WHERE local_day BETWEEN %(first)s AND %(last)s), 0)::bigint
            AS duration_us,
        l.value
    FROM viewed
    LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = page_id
    GROUP BY page_id, l.value
    ORDER BY sessions DESC, count(*) DESC, l.value
    LIMIT %(most)s OFFSET %(skip)s
),
portions AS (
    SELECT v.page_id, count(DISTINCT h.visitor_id) AS visitors, sum(h.events)::bigint AS events,
        sum(h.pageviews)::bigint AS pageviews, sum(h.conversions)::bigint AS conversions,
        sum(h.revenue_net) AS revenue_net
    FROM viewed v
    JOIN listed USING (page_id)
    JOIN session_hours h ON h.site_id = v.site_id AND h.session_id = v.session_id
        AND h.started_at = v.started_at
    WHERE h.local_day BETWEEN %(first)s AND %(last)s
    GROUP BY v.page_id
)
SELECT
    l.value, s.visitors, l.sessions,
    (SELECT count(*) FROM selected WHERE local_day BETWEEN %(first)s AND %(last)s) AS all_sessions,
    l.bounces, l.duration_us, s.events, s.pageviews, s.conversions, s.revenue_net
FROM listed l
JOIN portions s USING (page_id)
ORDER BY l.sessions DESC, s.events DESC, l.value
