-- Grain: one row: the people of the selected sessions and their engagement score over the range
-- (0-100, four parts; exposures and engagement pings not counted). Follows a WITH that has shares.
-- :site_id int, :first date
, sums AS (
    SELECT visitor_id, count(*) FILTER (WHERE is_start) AS sessions,
        coalesce(sum(duration_us) FILTER (WHERE is_start), 0) / 6e7 AS minutes
    FROM shares
    GROUP BY visitor_id
),
names AS (
    SELECT visitor_id, sum(events) AS events, count(*) AS names
    FROM (
        SELECT visitor_id, name_id, sum(events) AS events
        FROM (
            SELECT visitor_id, unnest(name_ids) AS name_id, unnest(name_events) AS events
            FROM shares
        ) AS named
        WHERE name_id <> ALL (ARRAY(
            SELECT label_id FROM labels
            WHERE site_id = %(site_id)s AND value IN ('experiment_exposure', 'engagement')))
        GROUP BY visitor_id, name_id
    ) AS by_name
    GROUP BY visitor_id
),
pages AS (
    SELECT visitor_id, count(*) AS pages
    FROM (
        SELECT DISTINCT visitor_id, page_id
        FROM (SELECT visitor_id, unnest(page_ids) AS page_id FROM shares) AS viewed
        WHERE page_id <> 0
    ) AS by_page
    GROUP BY visitor_id
),
scores AS (
    SELECT v.first_day >= %(first)s AS is_new, s.sessions,
        30 * least(coalesce(n.events, 0) / 30.0::float8, 1)
        + 20 * least(coalesce(p.pages, 0) / 10.0::float8, 1)
        + 30 * least(s.minutes::float8 / 30.0, 1)
        + 20 * least(coalesce(n.names, 0) / 5.0::float8, 1) AS score
    FROM sums s
    JOIN visitors v ON v.site_id = %(site_id)s AND v.visitor_id = s.visitor_id
    LEFT JOIN names n ON n.visitor_id = s.visitor_id
    LEFT JOIN pages p ON p.visitor_id = s.visitor_id
)
SELECT
    count(*) FILTER (WHERE is_new) AS new_visitors,
    count(*) FILTER (WHERE NOT is_new) AS returning_visitors,
    coalesce(sum(sessions), 0)::bigint AS sessions, avg(score) AS engagement_mean,
    (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_us) / 1e6 FROM shares
        WHERE is_start) AS session_duration_median_s,
    percentile_cont(ARRAY[0.25, 0.5, 0.75, 0.9]) WITHIN GROUP (ORDER BY score) AS quantiles
FROM scores
