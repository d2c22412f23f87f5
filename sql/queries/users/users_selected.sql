-- Grain: one row: the people of the selected sessions and their engagement score over the range
-- (0-100, four parts; exposures and engagement pings not counted). Follows a WITH that begins with
-- selected (columns of sessions).
-- :first :last date
, starts AS (
    SELECT visitor_id, count(*) AS sessions, sum(duration_us) / 6e7 AS minutes
    FROM selected WHERE local_day BETWEEN %(first)s AND %(last)s GROUP BY visitor_id
),
names AS (
    SELECT n.visitor_id, sum(n.events) AS events, count(DISTINCT n.name_id) AS names
    FROM selected s
    JOIN session_names n ON n.site_id = s.site_id AND n.session_id = s.session_id
        AND n.started_at = s.started_at
    WHERE n.local_day BETWEEN %(first)s AND %(last)s AND n.name_id <> ALL (ARRAY(
        SELECT label_id FROM labels
        WHERE site_id = %(site_id)s AND value IN ('experiment_exposure', 'engagement')))
    GROUP BY n.visitor_id
),
pages AS (
    SELECT p.visitor_id, count(DISTINCT p.page_id) AS pages
    FROM selected s
    JOIN session_pages p ON p.site_id = s.site_id AND p.session_id = s.session_id
        AND p.started_at = s.started_at
    WHERE p.local_day BETWEEN %(first)s AND %(last)s AND p.views > 0 AND p.page_id <> 0
    GROUP BY p.visitor_id
),
people AS (
    SELECT DISTINCT h.visitor_id
    FROM selected s
    JOIN session_hours h ON h.site_id = s.site_id AND h.session_id = s.session_id
        AND h.started_at = s.started_at
    WHERE h.local_day BETWEEN %(first)s AND %(last)s
),
scores AS (
    SELECT v.first_day >= %(first)s AS is_new, coalesce(t.sessions, 0) AS sessions,
        30 * least(coalesce(n.events, 0) / 30.0::float8, 1)
        + 20 * least(coalesce(g.pages, 0) / 10.0::float8, 1)
        + 30 * least(coalesce(t.minutes, 0)::float8 / 30.0, 1)
        + 20 * least(coalesce(n.names, 0) / 5.0::float8, 1) AS score
    FROM people p
    JOIN visitors v ON v.site_id = %(site_id)s AND v.visitor_id = p.visitor_id
    LEFT JOIN starts t ON t.visitor_id = p.visitor_id
    LEFT JOIN names n ON n.visitor_id = p.visitor_id
    LEFT JOIN pages g ON g.visitor_id = p.visitor_id
)
SELECT
    count(*) FILTER (WHERE is_new) AS new_visitors,
    count(*) FILTER (WHERE NOT is_new) AS returning_visitors,
    coalesce(sum(sessions), 0)::bigint AS sessions, avg(score) AS engagement_mean,
    (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_us) / 1e6 FROM selected
        WHERE local_day BETWEEN %(first)s AND %(last)s) AS session_duration_median_s,
    percentile_cont(ARRAY[0.25, 0.5, 0.75, 0.9]) WITHIN GROUP (ORDER BY score) AS quantiles
FROM scores
