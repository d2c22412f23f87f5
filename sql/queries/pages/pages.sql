-- Grain: page (path), most viewed first, from rollups. visitors: distinct, of page views, from the
-- shares of the listed pages alone. page: null = no path was sent. Follows a WITH that has seen and
-- unseen, and shares and share_pages of the day that is cut.
-- :site_id int, :first :whole_last date (whole_last: the last day that is not cut), :most :skip int
-- duration_us is not known by page; engaged_ms: milliseconds, summed
, listed AS (
    SELECT s.page_id, s.pageviews, l.value AS page,
        coalesce((SELECT sum(pageviews) FROM seen), 0)::bigint AS all_pageviews
    FROM (
        SELECT page_id, pageviews FROM seen
        UNION ALL
        SELECT page_id, 0 FROM unseen
    ) AS s
    LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.page_id
    ORDER BY s.pageviews DESC, l.value
    LIMIT %(most)s OFFSET %(skip)s
),
of_cut AS (
    SELECT page_id, sum(entries)::bigint AS entries, sum(bounces)::bigint AS bounces,
        sum(exits)::bigint AS exits, count(viewed_by) AS visits,
        sum(engaged_ms)::bigint AS engaged_ms, array_agg(viewed_by) AS visitor_ids
    FROM (
        SELECT entry_page_id AS page_id, 1 AS entries, is_bounce::int AS bounces, 0 AS exits,
            NULL::bigint AS viewed_by, 0 AS engaged_ms
        FROM shares WHERE is_start AND session_pageviews > 0
        UNION ALL
        SELECT exit_page_id, 0, 0, 1, NULL, 0 FROM shares WHERE is_start AND session_pageviews > 0
        UNION ALL
        SELECT page_id, 0, 0, 0, CASE WHEN views > 0 THEN visitor_id END, engaged_ms
        FROM share_pages
    ) AS shares
    GROUP BY page_id
)
SELECT
    l.page, l.pageviews, l.all_pageviews, v.visitors,
    coalesce(e.entries, 0) + coalesce(c.entries, 0) AS entries,
    coalesce(e.bounces, 0) + coalesce(c.bounces, 0) AS bounces,
    coalesce(x.exits, 0) + coalesce(c.exits, 0) AS exits,
    coalesce(t.visits, 0) + coalesce(c.visits, 0) AS visits,
    coalesce(t.engaged_ms, 0) + coalesce(c.engaged_ms, 0) AS engaged_ms
FROM listed l
LEFT JOIN of_cut c USING (page_id)
CROSS JOIN LATERAL (
    SELECT count(visitor_id) AS visitors
    FROM (
        SELECT visitor_id
        FROM session_pages p
        WHERE p.site_id = %(site_id)s AND p.page_id = l.page_id
            AND p.local_day BETWEEN %(first)s AND %(whole_last)s AND p.views > 0
        UNION
        SELECT unnest(c.visitor_ids)
    ) AS people
) AS v
CROSS JOIN LATERAL (
    SELECT sum(sessions)::bigint AS entries, sum(bounces)::bigint AS bounces
    FROM session_value_days d
    WHERE d.site_id = %(site_id)s AND d.dimension = 20
        AND d.local_day BETWEEN %(first)s AND %(whole_last)s AND d.value_id = l.page_id
) AS e
CROSS JOIN LATERAL (
    SELECT sum(sessions)::bigint AS exits
    FROM session_value_days d
    WHERE d.site_id = %(site_id)s AND d.dimension = 21
        AND d.local_day BETWEEN %(first)s AND %(whole_last)s AND d.value_id = l.page_id
) AS x
CROSS JOIN LATERAL (
    SELECT sum(visits)::bigint AS visits, sum(engaged_ms)::bigint AS engaged_ms
    FROM session_page_days d
    WHERE d.site_id = %(site_id)s AND d.local_day BETWEEN %(first)s AND %(whole_last)s
        AND d.page_id = l.page_id
) AS t
ORDER BY l.pageviews DESC, l.page
