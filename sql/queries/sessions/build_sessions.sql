-- The new sessions of the run. Needs run_events, run_pages and run_new_names. Dimensions are
-- first-touch: source and campaign as the first page view has them (else the first event), place and
-- device as the first event that has one; min(pos << 32 | id) is the id at the smallest position,
-- at_entry puts page views before all else.
WITH summed AS (
    SELECT
        site_id, session_id, started_at, visitor_id, session_key, max(ts) AS ended_at,
        max(local_day) AS last_day, min(hour_at) AS hour_at, max(hour_at) AS last_hour_at,
        count(*) AS events,
        count(*) FILTER (WHERE kind = 1) AS pageviews,
        count(*) FILTER (WHERE kind NOT IN (1, 2, 3)) AS interactions,
        count(*) FILTER (WHERE kind NOT IN (2, 3)) AS scored,
        bool_or(kind = 2)::int + bool_or(kind = 3)::int AS unscored_names,
        count(*) FILTER (WHERE is_conversion) AS conversions,
        count(*) FILTER (WHERE kind = 4) AS purchases,
        sum(duration_ms) AS engaged_ms,
        coalesce(sum(revenue) FILTER (WHERE kind = 4), 0) AS revenue_gross,
        coalesce(sum(revenue), 0) AS revenue_net,
        min(pos << 32 | (local_day - DATE '0001-01-01') * 256 | local_hour) AS local_start,
        min(at_entry | path_id) AS entry_page,
        min(at_entry | source_id) AS source,
        min(at_entry | channel_id) AS channel,
        min(at_entry | referrer_id) AS referrer,
        min(at_entry | utm_source_id) AS utm_source,
        min(at_entry | utm_medium_id) AS utm_medium,
        min(at_entry | utm_campaign_id) AS utm_campaign,
        min(at_entry | utm_term_id) AS utm_term,
        min(at_entry | utm_content_id) AS utm_content,
        max(pos << 32 | path_id) FILTER (WHERE kind = 1) AS exit_page,
        min(pos << 32 | country_id) FILTER (WHERE country_id <> 0) AS country,
        min(pos << 32 | region_id) FILTER (WHERE region_id <> 0) AS region,
        min(pos << 32 | city_id) FILTER (WHERE city_id <> 0) AS city,
        min(pos << 32 | device_id) FILTER (WHERE device_id <> 0) AS device,
        min(pos << 32 | browser_id) FILTER (WHERE browser_id <> 0) AS browser,
        min(pos << 32 | os_id) FILTER (WHERE os_id <> 0) AS os,
        min(pos << 32 | language_id) FILTER (WHERE language_id <> 0) AS language,
        min(pos << 32 | screen_id) FILTER (WHERE screen_id <> 0) AS screen
    FROM run_events
    CROSS JOIN LATERAL (
        SELECT CASE WHEN kind = 1 THEN pos << 32 ELSE pos << 32 | (1::bigint << 62) END AS at_entry
    ) AS a
    GROUP BY visitor_id, session_key, started_at, session_id, site_id
),
viewed AS (
    SELECT session_id, started_at, site_id, array_agg(page_id ORDER BY page_id) AS page_ids,
        array_agg(views ORDER BY page_id) AS page_views,
        count(*) FILTER (WHERE page_id <> 0) AS distinct_pages
    FROM (
        SELECT session_id, started_at, site_id, page_id, sum(views)::int AS views
        FROM run_pages WHERE views > 0
        GROUP BY session_id, started_at, site_id, page_id
    ) AS pages
    GROUP BY session_id, started_at, site_id
),
named AS (
    SELECT session_id, started_at, site_id, array_agg(name_id ORDER BY name_id) AS name_ids,
        array_agg(events ORDER BY name_id) AS name_events
    FROM (
        SELECT session_id, started_at, site_id, name_id, sum(events)::int AS events
        FROM run_new_names
        GROUP BY session_id, started_at, site_id, name_id
    ) AS names
    GROUP BY session_id, started_at, site_id
)
INSERT INTO run_new_sessions (
    site_id, started_at, session_id, visitor_id, session_key, ended_at, local_day, last_day,
    local_hour, hour_at, last_hour_at, is_bounce, events, pageviews, interactions, distinct_pages,
    distinct_names, conversions, purchases, duration_us, engaged_ms, revenue_gross, revenue_net, entry_page_id, exit_page_id,
    source_id, channel_id, referrer_id, utm_source_id, utm_medium_id, utm_campaign_id, utm_term_id,
    utm_content_id, country_id, region_id, city_id, device_id, browser_id, os_id, language_id,
    screen_id, engagement_events, engagement_pages, engagement_minutes, engagement_names,
    page_ids, page_views, name_ids, name_events)
SELECT
    s.site_id, s.started_at, s.session_id, s.visitor_id, s.session_key, s.ended_at,
    DATE '0001-01-01' + ((s.local_start & m.low) >> 8)::int, s.last_day, s.local_start & 255,
    s.hour_at, s.last_hour_at, s.pageviews = 1 AND s.interactions = 0, s.events, s.pageviews, s.interactions,
    d.distinct_pages, d.distinct_names, s.conversions, s.purchases, d.duration_us, s.engaged_ms,
    s.revenue_gross, s.revenue_net,
    CASE WHEN s.pageviews > 0 THEN s.entry_page & m.low ELSE 0 END,
    coalesce(s.exit_page & m.low, 0), s.source & m.low, s.channel & m.low, s.referrer & m.low,
    s.utm_source & m.low, s.utm_medium & m.low, s.utm_campaign & m.low, s.utm_term & m.low,
    s.utm_content & m.low,
    coalesce(s.country & m.low, 0), coalesce(s.region & m.low, 0), coalesce(s.city & m.low, 0),
    coalesce(s.device & m.low, 0), coalesce(s.browser & m.low, 0), coalesce(s.os & m.low, 0),
    coalesce(s.language & m.low, 0), coalesce(s.screen & m.low, 0),
    30 * least(s.scored / 30.0::float8, 1), 20 * least(d.distinct_pages / 10.0::float8, 1),
    30 * least(d.duration_us / 1.8e9::float8, 1), 20 * least(d.distinct_names / 5.0::float8, 1),
    coalesce(v.page_ids, '{}'), coalesce(v.page_views, '{}'), n.name_ids, n.name_events
FROM summed s
JOIN named n USING (session_id, started_at, site_id)
LEFT JOIN viewed v USING (session_id, started_at, site_id)
CROSS JOIN (SELECT 4294967295 AS low) AS m
CROSS JOIN LATERAL (
    SELECT (date_part('epoch', s.ended_at - s.started_at) * 1e6)::bigint AS duration_us,
        coalesce(v.distinct_pages, 0) AS distinct_pages,
        cardinality(n.name_ids) - s.unscored_names AS distinct_names
) AS d
