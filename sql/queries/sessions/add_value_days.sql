-- Sessions by first-touch dimension and day: old -1, new +1. A session counts on the day it starts,
-- its events, page views, conversions and revenue on the day they fall.
WITH shares AS (
    SELECT
        sign, s.site_id, d.local_day, d.local_day = s.local_day AS is_start,
        s.is_bounce, s.duration_us, s.pageviews AS session_pageviews, d.events, d.pageviews,
        d.conversions, d.revenue_gross, d.revenue_net,
        source_id, channel_id, country_id, device_id, browser_id, os_id, referrer_id,
        utm_source_id, utm_medium_id, utm_campaign_id, utm_term_id, utm_content_id, region_id,
        city_id, language_id, screen_id, entry_page_id, exit_page_id
    FROM (
        SELECT -1 AS sign, * FROM run_old_sessions UNION ALL SELECT 1, * FROM run_new_sessions
    ) AS s
    JOIN (
        SELECT
            sign, site_id, session_id, started_at, local_day, sum(events) AS events,
            sum(pageviews) AS pageviews, sum(conversions) AS conversions,
            sum(revenue_gross) AS revenue_gross, sum(revenue_net) AS revenue_net
        FROM (SELECT -1 AS sign, * FROM run_old_hours UNION ALL SELECT 1, * FROM run_new_hours) AS h
        GROUP BY sign, site_id, session_id, started_at, local_day
    ) AS d USING (sign, site_id, session_id, started_at)
)
INSERT INTO session_value_days AS v
SELECT
    site_id, local_day, dimension, value_id,
    coalesce(sum(sign) FILTER (WHERE is_start), 0),
    coalesce(sum(sign * is_bounce::int) FILTER (WHERE is_start), 0),
    coalesce(sum(sign * duration_us) FILTER (WHERE is_start), 0),
    coalesce(sum(sign * session_pageviews) FILTER (WHERE is_start), 0),
    sum(sign * events), sum(sign * pageviews), sum(sign * conversions),
    sum(sign * revenue_gross), sum(sign * revenue_net)
FROM shares
CROSS JOIN LATERAL (VALUES
    (0::smallint, 0), (1, source_id), (2, channel_id), (3, country_id), (4, device_id),
    (5, browser_id), (6, os_id), (10, referrer_id), (11, utm_source_id), (12, utm_medium_id),
    (13, utm_campaign_id), (14, utm_term_id), (15, utm_content_id), (16, region_id),
    (17, city_id), (18, language_id), (19, screen_id), (20, entry_page_id), (21, exit_page_id)
) AS d(dimension, value_id)
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
