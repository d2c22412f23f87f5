-- Grain: event, newest first; the order is that of time, event_id, is_browser. Follows a WITH that has
-- picked (columns of events). Texts are null when unknown; duration_ms: null = none.
-- :at timestamptz, :event_id text, :is_browser bool (where to go on; null: begin with the newest),
-- :currency text (the site's), :most int (null: all)
SELECT
    e.event_id, e.ts AS at, e.received_at, e.local_day, e.local_hour, e.local_weekday,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.name_id) AS name,
    e.is_conversion, e.is_high_value, e.is_browser, e.visitor_id::text, e.user_id, e.session_id,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.hostname_id)
        AS hostname,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.path_id)
        AS page,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.title_id)
        AS title,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.referrer_id)
        AS referrer,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.source_id)
        AS source,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.channel_id)
        AS channel,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.utm_source_id)
        AS utm_source,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.utm_medium_id)
        AS utm_medium,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.utm_campaign_id)
        AS utm_campaign,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.utm_term_id)
        AS utm_term,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.utm_content_id)
        AS utm_content,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.country_id)
        AS country,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.region_id)
        AS region,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.city_id)
        AS city,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.device_id)
        AS device,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.browser_id)
        AS browser,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.os_id)
        AS os,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.language_id)
        AS language,
    (SELECT value FROM labels l WHERE l.site_id = e.site_id AND l.label_id = e.screen_id)
        AS screen,
    nullif(e.duration_ms, 0) AS duration_ms, e.value, e.revenue,
    CASE WHEN e.value IS NOT NULL THEN coalesce(e.currency, %(currency)s::text) END AS currency,
    e.properties
FROM picked e
WHERE %(at)s::timestamptz IS NULL OR (e.ts <= %(at)s
    AND (e.ts, e.event_id, e.is_browser) < (%(at)s, %(event_id)s::text, %(is_browser)s::boolean))
ORDER BY e.ts DESC, e.event_id DESC, e.is_browser DESC
LIMIT %(most)s::bigint
