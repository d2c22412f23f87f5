-- What a cut leaves of a range's last day when there is none: nothing. Columns that queries of rollups
-- read.
shares AS (
    SELECT 0 AS source_id, 0 AS channel_id, 0 AS country_id, 0 AS device_id, 0 AS browser_id,
        0 AS os_id, true AS is_start, true AS is_bounce, 0::bigint AS duration_us, 0 AS events,
        0 AS pageviews, 0 AS conversions, 0::numeric AS revenue_net, 0 AS entry_page_id,
        0 AS exit_page_id, 0 AS session_pageviews
    WHERE false
),
share_pages AS (
    SELECT 0 AS page_id, 0::bigint AS visitor_id, 0 AS views, 0::bigint AS engaged_ms WHERE false
),
share_names AS NOT MATERIALIZED (
    SELECT 0 AS name_id, 0::bigint AS visitor_id, now() AS started_at, 0::bigint AS session_id,
        0 AS events, 0 AS conversions, 0::numeric AS revenue_net
    WHERE false
),
nobody AS (
    SELECT 0 AS name_id, true AS is_conversion, 0::numeric AS revenue WHERE false
),
cut_views AS (SELECT 0 AS page_id, 0::bigint AS pageviews WHERE false),
cut_events AS (SELECT 0 AS name_id, 0::bigint AS events WHERE false)
