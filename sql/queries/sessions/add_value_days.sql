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
shares AS (
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
        city_id, language_id, screen_id,
        CASE WHEN s.pageviews > 0 THEN entry_page_id END AS entry_page_id,
        CASE WHEN s.pageviews > 0 THEN exit_page_id END AS exit_page_id
    FROM (
        SELECT -1 AS sign, * FROM run_old_sessions UNION ALL SELECT 1, * FROM run_new_sessions
    ) AS s
    JOIN days AS d USING (sign, site_id, session_id, started_at)
    OFFSET 0  -- signed once, not once per dimension
),
summed AS (
    SELECT
        site_id, local_day,
        CASE 0
            WHEN grouping(source_id) THEN 1 WHEN grouping(channel_id) THEN 2
            WHEN grouping(country_id) THEN 3 WHEN grouping(device_id) THEN 4
            WHEN grouping(browser_id) THEN 5 WHEN grouping(os_id) THEN 6
            WHEN grouping(referrer_id) THEN 10 WHEN grouping(utm_source_id) THEN 11
            WHEN grouping(utm_medium_id) THEN 12 WHEN grouping(utm_campaign_id) THEN 13
            WHEN grouping(utm_term_id) THEN 14 WHEN grouping(utm_content_id) THEN 15
            WHEN grouping(region_id) THEN 16 WHEN grouping(city_id) THEN 17
            WHEN grouping(language_id) THEN 18 WHEN grouping(screen_id) THEN 19
            WHEN grouping(entry_page_id) THEN 20 WHEN grouping(exit_page_id) THEN 21 ELSE 0
        END AS dimension,
        coalesce(source_id, channel_id, country_id, device_id, browser_id, os_id, referrer_id,
            utm_source_id, utm_medium_id, utm_campaign_id, utm_term_id, utm_content_id, region_id,
            city_id, language_id, screen_id, entry_page_id, exit_page_id) AS value_id,
        sum(sessions) AS sessions, sum(bounces) AS bounces, sum(duration_us) AS duration_us,
        sum(session_pageviews) AS session_pageviews, sum(events) AS events,
        sum(pageviews) AS pageviews, sum(conversions) AS conversions,
        sum(revenue_gross) AS revenue_gross, sum(revenue_net) AS revenue_net
    FROM shares
    GROUP BY site_id, local_day, GROUPING SETS (
        (), source_id, channel_id, country_id, device_id, browser_id, os_id, referrer_id,
        utm_source_id, utm_medium_id, utm_campaign_id, utm_term_id, utm_content_id, region_id,
        city_id, language_id, screen_id, entry_page_id, exit_page_id)
)
INSERT INTO session_value_days AS v
SELECT
    site_id, local_day, dimension, coalesce(value_id, 0), coalesce(sessions, 0),
    coalesce(bounces, 0), coalesce(duration_us, 0), coalesce(session_pageviews, 0), events,
    pageviews, conversions, coalesce(revenue_gross, 0), coalesce(revenue_net, 0)
FROM summed
WHERE value_id IS NOT NULL OR dimension = 0
ORDER BY site_id, dimension, local_day, value_id
ON CONFLICT (site_id, dimension, local_day, value_id) DO UPDATE SET
    sessions = v.sessions + excluded.sessions, bounces = v.bounces + excluded.bounces,
    duration_us = v.duration_us + excluded.duration_us,
    session_pageviews = v.session_pageviews + excluded.session_pageviews,
    events = v.events + excluded.events, pageviews = v.pageviews + excluded.pageviews,
    conversions = v.conversions + excluded.conversions,
    revenue_gross = v.revenue_gross + excluded.revenue_gross,
    revenue_net = v.revenue_net + excluded.revenue_net
