-- Grain: some visitors, new or not, with their sessions and engagement scores over the range (0-100,
-- four parts; exposures and engagement pings not counted); or some sessions, with durations_us alone;
-- of shares that may be those of some of the visitors. Follows a WITH that has shares.
-- Pages and names of several shares are put together only where that can make a difference: a score
-- rises up to 10 pages and 5 names. is_cut: a share that has a page or name more than once.
-- :site_id int, :first date
WITH uncounted AS (
    SELECT coalesce(max(label_id) FILTER (WHERE value = 'experiment_exposure'), -1) AS exposure,
        coalesce(max(label_id) FILTER (WHERE value = 'engagement'), -1) AS engagement
    FROM labels
    WHERE site_id = %(site_id)s AND value IN ('experiment_exposure', 'engagement')
),
sums AS (
    SELECT visitor_id, count(*) > 1 OR bool_or(is_cut) AS is_of_several,
        count(*) FILTER (WHERE is_start) AS sessions,
        coalesce(sum(duration_us) FILTER (WHERE is_start), 0) / 6e7 AS minutes,
        sum(CASE WHEN is_cut
            THEN cardinality(array_remove(array_remove(name_ids, exposure), engagement))
            ELSE events - coalesce(name_events[array_position(name_ids, exposure)], 0)
                - coalesce(name_events[array_position(name_ids, engagement)], 0) END) AS events,
        max(CASE WHEN is_cut THEN 0 ELSE cardinality(name_ids) - (exposure = ANY(name_ids))::int
            - (engagement = ANY(name_ids))::int END) AS names,
        max(CASE WHEN is_cut THEN 0 ELSE cardinality(page_ids) - (0 = ANY(page_ids))::int END) AS pages
    FROM shares, uncounted
    GROUP BY visitor_id
),
names AS (
    SELECT visitor_id, count(*) AS names
    FROM (
        SELECT DISTINCT visitor_id, name_id
        FROM (
            SELECT visitor_id, unnest(name_ids) AS name_id
            FROM shares
            JOIN sums USING (visitor_id)
            WHERE is_of_several AND names < 5
        ) AS named, uncounted
        WHERE name_id NOT IN (exposure, engagement)
    ) AS by_name
    GROUP BY visitor_id
),
pages AS (
    SELECT visitor_id, count(*) AS pages
    FROM (
        SELECT DISTINCT visitor_id, page_id
        FROM (
            SELECT visitor_id, unnest(page_ids) AS page_id
            FROM shares
            JOIN sums USING (visitor_id)
            WHERE is_of_several AND pages < 10
        ) AS viewed
        WHERE page_id <> 0
    ) AS by_page
    GROUP BY visitor_id
),
scores AS (
    SELECT s.visitor_id, v.first_day >= %(first)s AS is_new, s.sessions,
        30 * least(s.events / 30.0::float8, 1)
        + 20 * least(coalesce(p.pages, s.pages) / 10.0::float8, 1)
        + 30 * least(s.minutes::float8 / 30.0, 1)
        + 20 * least(coalesce(n.names, s.names) / 5.0::float8, 1) AS score
    FROM sums s
    JOIN visitors v ON v.site_id = %(site_id)s AND v.visitor_id = s.visitor_id
    LEFT JOIN names n ON n.visitor_id = s.visitor_id
    LEFT JOIN pages p ON p.visitor_id = s.visitor_id
)
SELECT is_new, sum(sessions)::bigint AS sessions, array_agg(score) AS scores,
    NULL::bigint[] AS durations_us
FROM scores
GROUP BY is_new, visitor_id & 255
UNION ALL
SELECT NULL, 0, NULL, array_agg(duration_us)
FROM shares
WHERE is_start
GROUP BY visitor_id & 255
