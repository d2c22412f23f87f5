-- Sessions by first-touch dimension and day: old -1, new +1. A session counts on the day it starts,
-- its events, page views, conversions and revenue on the day they fall. One without page views has no
-- entry or exit page.
WITH days AS (
    SELECT
        sign, site_id, session_id, started_at, local_day, sum(events) AS events,
        sum(pageviews) AS pageviews, sum(conversions) AS conversions,
        sum(revenue_gross) AS revenue_gross, sum(revenue_net) AS revenue_net
    FROM (SELECT -1 AS sign, * FROM run_old_hours UNION ALL SELECT 1, * FROM run_new_hours) AS h
    GROUP BY sign, site_id, session_id, started_at, local_day
),
shares AS MATERIALIZED (  -- signed once, not once per dimension
    SELECT
        s.site_id, d.local_day, CASE WHEN d.local_day = s.local_day THEN sign END AS sessions,
        CASE WHEN d.local_day = s.local_day AND s.is_bounce THEN sign END AS bounces,
        CASE WHEN d.local_day = s.local_day THEN sign * s.duration_us END AS duration_us,
        CASE WHEN d.local_day = s.local_day THEN sign * s.pageviews END AS session_pageviews,
        sign * d.events AS events, sign * d.pageviews AS pageviews,
        sign * d.conversions AS conversions,
        CASE WHEN d.revenue_gross <> 0 THEN sign * d.revenue_gross END AS revenue_gross,
        CASE WHEN d.revenue_net <> 0 THEN sign * d.revenue_net END AS revenue_net,
        source_id, channel_id, country_id, device_id, browser_id, os_id, referrer_id,
        utm_source_id, utm_medium_id, utm_campaign_id, utm_term_id, utm_content_id, region_id,
        city_id, language_id, screen_id, entry_page_id, exit_page_id, s.pageviews > 0 AS has_page
    FROM (
        SELECT -1 AS sign, * FROM run_old_sessions UNION ALL SELECT 1, * FROM run_new_sessions
    ) AS s
    JOIN days AS d USING (sign, site_id, session_id, started_at)
)
INSERT INTO session_value_days AS v
SELECT
    site_id, local_day, dimension, value_id, coalesce(sum(sessions), 0), coalesce(sum(bounces), 0),
    coalesce(sum(duration_us), 0), coalesce(sum(session_pageviews), 0), sum(events),
    sum(pageviews), sum(conversions), coalesce(sum(revenue_gross), 0),
    coalesce(sum(revenue_net), 0)
FROM shares
CROSS JOIN LATERAL (VALUES
    (0::smallint, 0), (1, source_id), (2, channel_id), (3, country_id), (4, device_id),
    (5, browser_id), (6, os_id), (10, referrer_id), (11, utm_source_id), (12, utm_medium_id),
    (13, utm_campaign_id), (14, utm_term_id), (15, utm_content_id), (16, region_id),
    (17, city_id), (18, language_id), (19, screen_id), (20, entry_page_id), (21, exit_page_id)
) AS d(dimension, value_id)
WHERE has_page OR dimension NOT IN (20, 21)
GROUP BY site_id, local_day, dimension, value_id
ORDER BY site_id, dimension, local_day, value_id
ON CONFLICT (site_id, dimension, local_day, value_id) DO UPDATE SET
    sessions = v.sessions + excluded.sessions, bounces = v.bounces + excluded.bounces,
    duration_us = v.duration_us + excluded.duration_us,
    session_pageviews = v.session_pageviews + excluded.session_pageviews,
    events = v.events + excluded.events, pageviews = v.pageviews + excluded.pageviews,
    conversions = v.conversions + excluded.conversions,
    revenue_gross = v.revenue_gross + excluded.revenue_gross,
    revenue_net = v.revenue_net + excluded.revenue_net
