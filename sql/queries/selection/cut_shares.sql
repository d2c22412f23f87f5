-- Grain and columns: as shares.sql, of the shares as far as they lie before the cut. Needs shares. What
-- a share that the cut parts (is_cut) counts is its hours before it and, of the hour that holds it,
-- the events; last_at is its last event before it; a page or name comes once for each event.
-- :site_id int, :last date (holds the cut), :cut timestamptz
SELECT * FROM shares
WHERE local_day < %(last)s OR last_at < %(cut)s
UNION ALL
SELECT
    s.visitor_id, s.local_day, s.is_start, s.is_bounce, true, s.hour_at, s.last_hour_at,
    s.duration_us, s.session_pageviews, b.events, b.pageviews, b.conversions, b.purchases,
    s.channel_id, s.country_id, s.device_id, s.source_id, s.browser_id, s.os_id, s.entry_page_id,
    s.exit_page_id, s.session_id, s.started_at,
    ARRAY(
        SELECT path_id FROM events e
        WHERE e.site_id = %(site_id)s AND e.visitor_id = s.visitor_id
            AND e.session_key = s.session_key AND e.ts >= s.first_at AND e.ts < %(cut)s
            AND e.kind = 1),
    array_fill(1, ARRAY[b.pageviews]),
    ARRAY(
        SELECT name_id FROM events e
        WHERE e.site_id = %(site_id)s AND e.visitor_id = s.visitor_id
            AND e.session_key = s.session_key AND e.ts >= s.first_at AND e.ts < %(cut)s),
    array_fill(1, ARRAY[b.events]),
    b.revenue_gross, b.revenue_net, s.site_id, s.session_key, s.local_hour, s.first_at, b.last_at,
    s.referrer_id, s.utm_source_id, s.utm_medium_id, s.utm_campaign_id, s.utm_term_id,
    s.utm_content_id, s.region_id, s.city_id, s.language_id, s.screen_id
FROM shares s
CROSS JOIN LATERAL (
    SELECT max(last_at) AS last_at, sum(events)::int AS events, sum(pageviews)::int AS pageviews,
        sum(conversions)::int AS conversions, sum(purchases)::int AS purchases,
        sum(revenue_gross) AS revenue_gross, sum(revenue_net) AS revenue_net
    FROM (
        SELECT h.last_at, h.events, h.pageviews, h.conversions, h.purchases, h.revenue_gross,
            h.revenue_net
        FROM session_hours h
        WHERE h.site_id = %(site_id)s AND h.local_day = s.local_day
            AND h.session_id = s.session_id AND h.started_at = s.started_at
            AND h.last_at < %(cut)s
        UNION ALL
        SELECT e.ts, 1, (e.kind = 1)::int, e.is_conversion::int, (e.kind = 4)::int,
            CASE e.kind WHEN 4 THEN coalesce(e.revenue, 0) ELSE 0 END, coalesce(e.revenue, 0)
        FROM session_hours h
        JOIN events e ON e.site_id = %(site_id)s AND e.visitor_id = s.visitor_id
            AND e.session_key = s.session_key AND e.ts >= h.first_at AND e.ts < %(cut)s
        WHERE h.site_id = %(site_id)s AND h.local_day = s.local_day
            AND h.session_id = s.session_id AND h.started_at = s.started_at
            AND h.first_at < %(cut)s AND h.last_at >= %(cut)s
    ) AS hours
) AS b
WHERE s.local_day = %(last)s AND s.first_at < %(cut)s AND s.last_at >= %(cut)s
