-- Grain: session that starts in the range, newest first; the order is that of time and session_id.
-- Follows a WITH that has picked (columns of sessions). Texts are null when unknown.
-- :at timestamptz, :session_id bigint (where to go on; null: begin with the newest),
-- :most int (null: all)
-- actions: events by name; pages: page views by path; duration_us microseconds, engaged_ms
-- milliseconds; revenue_*: the site's currency
SELECT
    s.session_id::text, s.visitor_id::text,
    (SELECT user_id FROM visitors v WHERE v.site_id = s.site_id AND v.visitor_id = s.visitor_id)
        AS user_id,
    s.started_at, s.ended_at, s.local_day, s.local_hour, s.is_bounce, s.events, s.pageviews,
    s.interactions, s.distinct_pages, s.distinct_names, s.conversions, s.purchases, s.duration_us,
    s.engaged_ms, s.revenue_gross, s.revenue_net, s.engagement_events, s.engagement_pages,
    s.engagement_minutes, s.engagement_names,
    (SELECT value FROM labels l WHERE l.site_id = s.site_id AND l.label_id = s.entry_page_id)
        AS entry_page,
    (SELECT value FROM labels l WHERE l.site_id = s.site_id AND l.label_id = s.exit_page_id)
        AS exit_page,
    (SELECT value FROM labels l WHERE l.site_id = s.site_id AND l.label_id = s.source_id)
        AS source,
    (SELECT value FROM labels l WHERE l.site_id = s.site_id AND l.label_id = s.channel_id)
        AS channel,
    (SELECT value FROM labels l WHERE l.site_id = s.site_id AND l.label_id = s.referrer_id)
        AS referrer,
    (SELECT value FROM labels l WHERE l.site_id = s.site_id AND l.label_id = s.utm_source_id)
        AS utm_source,
    (SELECT value FROM labels l WHERE l.site_id = s.site_id AND l.label_id = s.utm_medium_id)
        AS utm_medium,
    (SELECT value FROM labels l WHERE l.site_id = s.site_id AND l.label_id = s.utm_campaign_id)
        AS utm_campaign,
    (SELECT value FROM labels l WHERE l.site_id = s.site_id AND l.label_id = s.utm_term_id)
        AS utm_term,
    (SELECT value FROM labels l WHERE l.site_id = s.site_id AND l.label_id = s.utm_content_id)
        AS utm_content,
    (SELECT value FROM labels l WHERE l.site_id = s.site_id AND l.label_id = s.country_id)
        AS country,
    (SELECT value FROM labels l WHERE l.site_id = s.site_id AND l.label_id = s.region_id)
        AS region,
    (SELECT value FROM labels l WHERE l.site_id = s.site_id AND l.label_id = s.city_id)
        AS city,
    (SELECT value FROM labels l WHERE l.site_id = s.site_id AND l.label_id = s.device_id)
        AS device,
    (SELECT value FROM labels l WHERE l.site_id = s.site_id AND l.label_id = s.browser_id)
        AS browser,
    (SELECT value FROM labels l WHERE l.site_id = s.site_id AND l.label_id = s.os_id)
        AS os,
    (SELECT value FROM labels l WHERE l.site_id = s.site_id AND l.label_id = s.language_id)
        AS language,
    (SELECT value FROM labels l WHERE l.site_id = s.site_id AND l.label_id = s.screen_id)
        AS screen,
    (SELECT coalesce(jsonb_object_agg(l.value, n.events), '{}')
     FROM unnest(s.name_ids, s.name_events) AS n(name_id, events)
     JOIN labels l ON l.site_id = s.site_id AND l.label_id = n.name_id) AS actions,
    (SELECT coalesce(jsonb_object_agg(l.value, p.views), '{}')
     FROM unnest(s.page_ids, s.page_views) AS p(page_id, views)
     JOIN labels l ON l.site_id = s.site_id AND l.label_id = p.page_id) AS pages
FROM picked s
WHERE %(at)s::timestamptz IS NULL OR (s.started_at <= %(at)s
    AND (s.started_at, s.session_id) < (%(at)s, %(session_id)s::bigint))
ORDER BY s.started_at DESC, s.session_id DESC
LIMIT %(most)s::bigint
