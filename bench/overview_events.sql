-- The invented events of a site's local day: sessions of one to sixteen events, five on average, of
-- visitors of whom some come often. The same numbers make the same events.
-- :site_id int, :timezone text, :day date, :first_session :sessions :visitors bigint, :batch_seq bigint,
-- arrays of label ids: :names (page_view, engagement, click, purchase), :paths, :channels, :sources,
-- :referrers, :countries, :regions, :cities, :devices, :browsers, :systems, :languages, :screens
INSERT INTO events (
    site_id, local_day, local_hour, local_weekday, kind, is_conversion, is_high_value, is_browser,
    ts, received_at, batch_seq, session_key, name_id, hostname_id, path_id, title_id, referrer_id,
    source_id, channel_id, utm_source_id, utm_medium_id, utm_campaign_id, utm_term_id,
    utm_content_id, country_id, region_id, city_id, device_id, browser_id, os_id, language_id,
    screen_id, duration_ms, visitor_id, value, revenue, event_id)
WITH drawn AS (
    SELECT n, (pow(pg_temp.hash(n, 1), 1.3) * %(visitors)s)::bigint AS person,
        1 + (pow(pg_temp.hash(n, 3), 2.4) * 15)::int AS length,
        %(day)s::timestamp AT TIME ZONE %(timezone)s
            + (7 + 16 * sqrt(pg_temp.hash(n, 2))) * INTERVAL '1 hour' AS started_at
    FROM generate_series(%(first_session)s::bigint, %(first_session)s::bigint + %(sessions)s - 1) AS n
),
made AS (
    SELECT d.*, i, started_at + i * (12 + (pg_temp.hash(n, 4) * 70)) * INTERVAL '1 second' AS ts,
        CASE WHEN i = 0 OR pg_temp.hash(n * 16 + i, 5) < 0.66 THEN 1
            WHEN pg_temp.hash(n * 16 + i, 5) < 0.81 THEN 2
            WHEN pg_temp.hash(n * 16 + i, 5) < 0.985 THEN 0 ELSE 4 END AS kind
    FROM drawn d
    CROSS JOIN LATERAL generate_series(0, length - 1) AS i
)
SELECT
    %(site_id)s, (ts AT TIME ZONE %(timezone)s)::date,
    extract(hour FROM ts AT TIME ZONE %(timezone)s), extract(isodow FROM ts AT TIME ZONE %(timezone)s),
    kind, kind = 4, false, true, ts, ts, %(batch_seq)s, 0,
    pg_temp.pick(%(names)s, CASE kind WHEN 1 THEN 0 WHEN 2 THEN 0.3 WHEN 0 THEN 0.6 ELSE 0.9 END),
    0, pg_temp.pick(%(paths)s, pow(pg_temp.hash(n * 16 + i, 6), 3)), 0,
    pg_temp.pick(%(referrers)s, pg_temp.hash(n, 7)), pg_temp.pick(%(sources)s, pg_temp.hash(n, 7)), pg_temp.pick(%(channels)s, pg_temp.hash(n, 7)),
    0, 0, 0, 0, 0,
    pg_temp.pick(%(countries)s, pow(pg_temp.hash(person, 8), 3)), pg_temp.pick(%(regions)s, pg_temp.hash(person, 8)),
    pg_temp.pick(%(cities)s, pg_temp.hash(person, 8)), pg_temp.pick(%(devices)s, pow(pg_temp.hash(person, 9), 1.8)),
    pg_temp.pick(%(browsers)s, pg_temp.hash(person, 10)), pg_temp.pick(%(systems)s, pg_temp.hash(person, 9)),
    pg_temp.pick(%(languages)s, pg_temp.hash(person, 11)), pg_temp.pick(%(screens)s, pg_temp.hash(person, 12)),
    CASE kind WHEN 2 THEN 9000 ELSE 0 END, hashint8extended(person, %(site_id)s),
    CASE kind WHEN 4 THEN 19.90 END, CASE kind WHEN 4 THEN 19.90 END, n || '-' || i
FROM made
