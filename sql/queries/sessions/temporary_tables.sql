-- The scratch tables of a rebuild; they live as long as the connection, their rows as long as the
-- transaction.

CREATE TEMP TABLE IF NOT EXISTS run_spans (
    site_id integer, visitor_id bigint, session_key bigint, gap interval, timezone text,
    from_at timestamptz, to_at timestamptz, raw_from timestamptz
) ON COMMIT DELETE ROWS;

CREATE TEMP TABLE IF NOT EXISTS run_events (
    pos bigint, site_id integer, visitor_id bigint, session_key bigint, session_id bigint,
    started_at timestamptz,
    hour_at timestamptz, ts timestamptz, local_day date, local_hour smallint, kind smallint,
    is_conversion boolean, revenue numeric, duration_ms integer, name_id integer, path_id integer,
    source_id integer, channel_id integer, referrer_id integer, utm_source_id integer,
    utm_medium_id integer, utm_campaign_id integer, utm_term_id integer, utm_content_id integer,
    country_id integer, region_id integer, city_id integer, device_id integer, browser_id integer,
    os_id integer, language_id integer, screen_id integer, user_id text
) ON COMMIT DELETE ROWS;

CREATE TEMP TABLE IF NOT EXISTS run_old_sessions (LIKE sessions) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_old_days (
    site_id integer, local_day date, session_id bigint, started_at timestamptz
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_new_sessions (LIKE sessions) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_old_hours (LIKE session_hours) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_new_hours (LIKE session_hours) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_pages (
    site_id integer, local_day date, session_id bigint, started_at timestamptz, visitor_id bigint,
    engaged_ms bigint, page_id integer, views integer
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_old_pages (LIKE run_pages) ON COMMIT DELETE ROWS;
CREATE OR REPLACE TEMP VIEW run_new_pages AS
SELECT p.*, s.local_day AS session_day, s.conversions, s.source_id, s.channel_id, s.country_id,
    s.device_id, s.browser_id, s.os_id
FROM run_pages p
JOIN run_new_sessions s USING (site_id, session_id, started_at);
CREATE TEMP TABLE IF NOT EXISTS run_new_names (LIKE session_names) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_visitors (
    site_id integer, visitor_id bigint, was_first_at timestamptz, was_last_at timestamptz,
    was_first_day date, was_user_id text, first_at timestamptz, last_at timestamptz,
    first_day date, user_id text, has_lost boolean
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_days (
    site_id integer, visitor_id bigint, day date, is_preceded boolean, is_followed boolean
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_hours (
    site_id integer, visitor_id bigint, local_day date, hour_at timestamptz, first_at timestamptz,
    last_at timestamptz, converted_at timestamptz, state smallint, source_id integer,
    channel_id integer, country_id integer, device_id integer, browser_id integer, os_id integer
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_changed_days (
    site_id integer, dimension smallint, value_id integer, visitor_id bigint, day date,
    was_at timestamptz, is_at timestamptz, is_preceded boolean, is_followed boolean
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_gaps (
    site_id integer, dimension smallint, value_id integer, day date, prev_day date, sign integer
) ON COMMIT DELETE ROWS;
