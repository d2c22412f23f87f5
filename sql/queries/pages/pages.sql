-- Grain: page (path), most viewed first, from rollups. visitors: distinct, of page views. page: null =
-- no path was sent. Follows a WITH that has shares and share_pages of the day that is cut.
-- :site_id int, :first :whole_last date (whole_last: the last day that is not cut), :page_ids int[]
-- with :paths text[] and :pageviews bigint[] (the listed pages), :all_pageviews bigint, {visitors}:
-- SELECTs of some pages' visitors, side by side
-- duration_us is not known by page; engaged_ms: milliseconds, summed
, listed AS (
    SELECT page_id, page, pageviews
    FROM unnest(%(page_ids)s::int[], %(paths)s::text[], %(pageviews)s::bigint[])
        AS l(page_id, page, pageviews)
),
of_cut AS (
    SELECT page_id, sum(entries)::bigint AS entries, sum(bounces)::bigint AS bounces,
        sum(exits)::bigint AS exits, sum(visits)::bigint AS visits,
        sum(engaged_ms)::bigint AS engaged_ms
    FROM (
        SELECT entry_page_id AS page_id, 1 AS entries, is_bounce::int AS bounces, 0 AS exits,
            0 AS visits, 0 AS engaged_ms
        FROM shares WHERE is_start AND session_pageviews > 0
        UNION ALL
        SELECT exit_page_id, 0, 0, 1, 0, 0 FROM shares WHERE is_start AND session_pageviews > 0
        UNION ALL
        SELECT page_id, 0, 0, 0, (views > 0)::int, engaged_ms
        FROM share_pages
    ) AS shares
    GROUP BY page_id
)
SELECT
    l.page, l.pageviews, %(all_pageviews)s::bigint AS all_pageviews,
    coalesce(v.visitors, 0) AS visitors,
    coalesce(e.entries, 0) + coalesce(c.entries, 0) AS entries,
    coalesce(e.bounces, 0) + coalesce(c.bounces, 0) AS bounces,
    coalesce(x.exits, 0) + coalesce(c.exits, 0) AS exits,
    coalesce(t.visits, 0) + coalesce(c.visits, 0) AS visits,
    coalesce(t.engaged_ms, 0) + coalesce(c.engaged_ms, 0) AS engaged_ms
FROM listed l
LEFT JOIN of_cut c USING (page_id)
LEFT JOIN ({visitors}) AS v USING (page_id)
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
