-- Grain: one row, the whole range, from rollups. A cut range takes the quarter hour that holds the
-- cut, and the last day's visitors, from the base tables.
-- :site_id int, :first :last :whole_last date (whole_last: last day that is not cut),
-- :cut timestamptz (null: the range is whole)
-- duration_us: microseconds, summed; revenue_*: the site's currency
WITH part AS (
    SELECT coalesce(%(cut)s::timestamptz, 'infinity') AS cut,
        time_bucket(INTERVAL '15 minutes', %(cut)s::timestamptz) AS quarter
),
e AS (
    SELECT events, pageviews, conversions, purchases, revenue_gross, revenue_net
    FROM event_quarters, part
    WHERE site_id = %(site_id)s AND local_day BETWEEN %(first)s AND %(last)s
        AND (quarter IS NULL OR bucket < quarter)
    UNION ALL
    SELECT count(*), count(*) FILTER (WHERE kind = 1), count(*) FILTER (WHERE is_conversion),
        count(*) FILTER (WHERE kind = 4), coalesce(sum(revenue) FILTER (WHERE kind = 4), 0),
        coalesce(sum(revenue), 0)
    FROM events, part
    WHERE site_id = %(site_id)s AND ts >= quarter AND ts < cut
),
s AS (
    SELECT sessions, bounces, duration_us, pageviews
    FROM session_quarters, part
    WHERE site_id = %(site_id)s AND local_day BETWEEN %(first)s AND %(last)s
        AND (quarter IS NULL OR bucket < quarter)
    UNION ALL
    SELECT count(*), count(*) FILTER (WHERE is_bounce), coalesce(sum(duration_us), 0),
        coalesce(sum(pageviews), 0)
    FROM sessions, part
    WHERE site_id = %(site_id)s AND started_at >= quarter AND started_at < cut
),
v AS (
    SELECT dimension, visitors, prev_day IS NULL AS is_new
    FROM value_gaps
    WHERE site_id = %(site_id)s AND dimension IN (0, 9)
        AND day BETWEEN %(first)s AND %(whole_last)s AND (prev_day IS NULL OR prev_day < %(first)s)
    UNION ALL
    SELECT 0, 1, prev_day IS NULL
    FROM visitor_days
    WHERE site_id = %(site_id)s AND %(cut)s::timestamptz IS NOT NULL AND day = %(last)s
        AND first_at < %(cut)s AND (prev_day IS NULL OR prev_day < %(first)s)
    UNION ALL
    SELECT 9, 1, prev_day IS NULL
    FROM (  -- an index has the hours with a conversion
        SELECT DISTINCT visitor_id FROM session_hours
        WHERE site_id = %(site_id)s AND %(cut)s::timestamptz IS NOT NULL AND local_day = %(last)s
            AND conversions > 0 AND converted_at < %(cut)s
    ) AS converted
    CROSS JOIN LATERAL (
        SELECT prev_day FROM visitor_value_days d
        WHERE d.site_id = %(site_id)s AND d.visitor_id = converted.visitor_id AND d.dimension = 9
            AND d.value_id = 0 AND d.day = %(last)s
        OFFSET 0  -- each looked up
    ) AS d
    WHERE prev_day IS NULL OR prev_day < %(first)s
)
SELECT
    v.visitors, v.new_visitors, v.converting_visitors, s.sessions, s.bounces, s.duration_us,
    s.session_pageviews, e.events, e.pageviews, e.conversions, e.purchases, e.revenue_gross,
    e.revenue_net, 0::bigint AS without_identity
FROM (
    SELECT coalesce(sum(visitors) FILTER (WHERE dimension = 0), 0)::bigint AS visitors,
        coalesce(sum(visitors) FILTER (WHERE dimension = 0 AND is_new), 0)::bigint AS new_visitors,
        coalesce(sum(visitors) FILTER (WHERE dimension = 9), 0)::bigint AS converting_visitors
    FROM v
) AS v, (
    SELECT coalesce(sum(sessions), 0)::bigint AS sessions,
        coalesce(sum(bounces), 0)::bigint AS bounces,
        coalesce(sum(duration_us), 0)::bigint AS duration_us,
        coalesce(sum(pageviews), 0)::bigint AS session_pageviews
    FROM s
) AS s, (
    SELECT coalesce(sum(events), 0)::bigint AS events,
        coalesce(sum(pageviews), 0)::bigint AS pageviews,
        coalesce(sum(conversions), 0)::bigint AS conversions,
        coalesce(sum(purchases), 0)::bigint AS purchases,
        coalesce(sum(revenue_gross), 0) AS revenue_gross,
        coalesce(sum(revenue_net), 0) AS revenue_net
    FROM e
) AS e
