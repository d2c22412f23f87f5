-- The events of the spans, each with its session: cut where the gap is more than the site's.
-- pos: order in time (ties by event_id) within visitor and session key.
-- session_id: hash of visitor, session key and start.
-- :from_at, :to_at timestamptz: bounds of all spans
WITH cut AS (
    SELECT
        e.*, row_number() OVER w AS pos, e.ts - lag(e.ts) OVER w <= r.gap AS continues
    FROM (SELECT * FROM run_spans ORDER BY visitor_id, session_key, site_id) AS r
    CROSS JOIN LATERAL (
        SELECT
            visitor_id, session_key, site_id, ts, event_id, local_day, local_hour, kind,
            is_conversion, revenue, duration_ms, name_id, path_id, source_id, channel_id,
            referrer_id, utm_source_id, utm_medium_id, utm_campaign_id, utm_term_id,
            utm_content_id, country_id, region_id, city_id, device_id, browser_id, os_id,
            language_id, screen_id, user_id, date_trunc('hour', ts, r.timezone) AS hour_at
        FROM events e
        WHERE e.site_id = r.site_id AND e.visitor_id = r.visitor_id
            AND e.session_key = r.session_key AND e.ts BETWEEN r.from_at AND r.to_at
            AND e.ts BETWEEN %(from_at)s AND %(to_at)s
        OFFSET 0  -- span by span: the planner may not turn the join round
    ) AS e
    -- What differs most comes first, and spans that come in order: both spare the sort its work.
    WINDOW w AS (PARTITION BY e.visitor_id, e.session_key, e.site_id ORDER BY e.ts, e.event_id)
),
started AS (
    SELECT *, max(ts) FILTER (WHERE continues IS NOT TRUE) OVER (
        PARTITION BY visitor_id, session_key, site_id ORDER BY ts, event_id
        ROWS UNBOUNDED PRECEDING) AS started_at
    FROM cut
)
INSERT INTO run_events
SELECT
    pos, site_id, visitor_id, session_key,
    hashint8extended(visitor_id, hashint8extended(
        session_key, (date_part('epoch', started_at) * 1e6)::bigint)),
    started_at, hour_at, ts, local_day, local_hour, kind, is_conversion,
    revenue, duration_ms, name_id, path_id, source_id, channel_id, referrer_id, utm_source_id,
    utm_medium_id, utm_campaign_id, utm_term_id, utm_content_id, country_id, region_id, city_id,
    device_id, browser_id, os_id, language_id, screen_id, user_id
FROM started
