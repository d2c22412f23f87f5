-- Grain: a selected session's share of a local day of the range. Needs one_day and more_days (columns
-- of sessions; the selected ones within a day, and those of several days). Only the latter need to be
-- split; of the others the share is the session.
-- :first :last date
-- is_start: the session starts on the day, so it counts here, with is_bounce, duration_us and
-- session_pageviews, which are those of the whole session. The counts, instants, pages and names
-- are the share's. is_cut: see cut_shares.
SELECT
    visitor_id, local_day, true AS is_start, is_bounce, false AS is_cut, hour_at, last_hour_at,
    duration_us, pageviews AS session_pageviews, events, pageviews, conversions, purchases,
    channel_id, country_id, device_id, source_id, browser_id, os_id, entry_page_id, exit_page_id,
    session_id, started_at, page_ids, page_views, name_ids, name_events, revenue_gross,
    revenue_net, site_id, session_key, local_hour, started_at AS first_at, ended_at AS last_at,
    referrer_id, utm_source_id, utm_medium_id, utm_campaign_id, utm_term_id, utm_content_id,
    region_id, city_id, language_id, screen_id
FROM one_day
UNION ALL
SELECT
    s.visitor_id, h.local_day, h.local_day = s.local_day, s.is_bounce, false, h.hour_at,
    h.last_hour_at, s.duration_us, s.pageviews, h.events, h.pageviews, h.conversions, h.purchases,
    s.channel_id, s.country_id, s.device_id, s.source_id, s.browser_id, s.os_id, s.entry_page_id,
    s.exit_page_id, s.session_id, s.started_at,
    ARRAY(
        SELECT page_id FROM session_pages p
        WHERE p.site_id = s.site_id AND p.local_day = h.local_day AND p.session_id = s.session_id
            AND p.started_at = s.started_at AND p.views > 0
        ORDER BY page_id),
    ARRAY(
        SELECT views FROM session_pages p
        WHERE p.site_id = s.site_id AND p.local_day = h.local_day AND p.session_id = s.session_id
            AND p.started_at = s.started_at AND p.views > 0
        ORDER BY page_id),
    ARRAY(
        SELECT name_id FROM session_names n
        WHERE n.site_id = s.site_id AND n.local_day = h.local_day AND n.session_id = s.session_id
            AND n.started_at = s.started_at
        ORDER BY name_id),
    ARRAY(
        SELECT events FROM session_names n
        WHERE n.site_id = s.site_id AND n.local_day = h.local_day AND n.session_id = s.session_id
            AND n.started_at = s.started_at
        ORDER BY name_id),
    h.revenue_gross, h.revenue_net, s.site_id, s.session_key, s.local_hour, h.first_at, h.last_at,
    s.referrer_id, s.utm_source_id, s.utm_medium_id, s.utm_campaign_id, s.utm_term_id,
    s.utm_content_id, s.region_id, s.city_id, s.language_id, s.screen_id
FROM more_days s
CROSS JOIN LATERAL (
    SELECT h.local_day, min(h.hour_at) AS hour_at, max(h.hour_at) AS last_hour_at,
        min(h.first_at) AS first_at, max(h.last_at) AS last_at,
        sum(h.events)::int AS events, sum(h.pageviews)::int AS pageviews,
        sum(h.conversions)::int AS conversions, sum(h.purchases)::int AS purchases,
        sum(h.revenue_gross) AS revenue_gross, sum(h.revenue_net) AS revenue_net
    FROM session_hours h
    WHERE h.site_id = s.site_id AND h.visitor_id = s.visitor_id
        AND h.local_day BETWEEN greatest(s.local_day, %(first)s::date)
            AND least(s.last_day, %(last)s::date)
        AND h.session_id = s.session_id AND h.started_at = s.started_at
    GROUP BY h.local_day
) AS h
