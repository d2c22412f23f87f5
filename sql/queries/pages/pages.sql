-- Grain: page (path), most viewed first, from rollups. visitors: distinct, of page views, from the
-- shares of the listed pages alone. page: null = no path was sent. A page that sessions of the range
-- entered or left is listed without a view in it, too (they viewed it after midnight).
-- :site_id int, :first :last date, :most :skip int
-- duration_us is not known by page; engaged_ms: milliseconds, summed
WITH seen AS (
    SELECT page_id, sum(pageviews)::bigint AS pageviews
    FROM page_views_between(%(site_id)s, %(first)s, %(last)s)
    GROUP BY page_id
),
listed AS (
    SELECT s.page_id, s.pageviews, l.value AS page,
        coalesce((SELECT sum(pageviews) FROM seen), 0)::bigint AS all_pageviews
    FROM (
        SELECT page_id, pageviews FROM seen
        UNION ALL
        SELECT DISTINCT value_id, 0
        FROM session_value_days d
        WHERE d.site_id = %(site_id)s AND d.dimension IN (20, 21)
            AND d.local_day BETWEEN %(first)s AND %(last)s AND d.sessions > 0
            AND value_id NOT IN (SELECT page_id FROM seen)
            AND (SELECT count(*) FROM seen) < %(most)s + %(skip)s  -- they come last
    ) AS s
    LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.page_id
    ORDER BY s.pageviews DESC, l.value
    LIMIT %(most)s OFFSET %(skip)s
)
SELECT
    l.page, l.pageviews, l.all_pageviews, v.visitors, coalesce(e.entries, 0) AS entries,
    coalesce(e.bounces, 0) AS bounces, coalesce(x.exits, 0) AS exits,
    coalesce(t.visits, 0) AS visits, coalesce(t.engaged_ms, 0) AS engaged_ms
FROM listed l
CROSS JOIN LATERAL (
    SELECT count(*) AS visitors
    FROM (
        SELECT DISTINCT visitor_id
        FROM session_pages p
        WHERE p.site_id = %(site_id)s AND p.page_id = l.page_id
            AND p.local_day BETWEEN %(first)s AND %(last)s AND p.views > 0
    ) AS people
) AS v
CROSS JOIN LATERAL (
    SELECT sum(sessions)::bigint AS entries, sum(bounces)::bigint AS bounces
    FROM session_value_days d
    WHERE d.site_id = %(site_id)s AND d.dimension = 20
        AND d.local_day BETWEEN %(first)s AND %(last)s AND d.value_id = l.page_id
) AS e
CROSS JOIN LATERAL (
    SELECT sum(sessions)::bigint AS exits
    FROM session_value_days d
    WHERE d.site_id = %(site_id)s AND d.dimension = 21
        AND d.local_day BETWEEN %(first)s AND %(last)s AND d.value_id = l.page_id
) AS x
CROSS JOIN LATERAL (
    SELECT sum(visits)::bigint AS visits, sum(engaged_ms)::bigint AS engaged_ms
    FROM session_page_days d
    WHERE d.site_id = %(site_id)s AND d.local_day BETWEEN %(first)s AND %(last)s
        AND d.page_id = l.page_id
) AS t
ORDER BY l.pageviews DESC, l.page
