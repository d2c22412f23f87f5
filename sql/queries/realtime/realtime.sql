-- Grain: one row: the last 30 minutes of a site, from the events, as JSON.
-- :site_id int
WITH recent AS (
    SELECT * FROM events
    WHERE site_id = %(site_id)s AND ts > now() - INTERVAL '30 minutes' AND ts <= now()
),
five AS (SELECT * FROM recent WHERE ts > now() - INTERVAL '5 minutes')
SELECT
    (SELECT count(DISTINCT visitor_id) FROM five) AS current_visitors,
    (SELECT count(*) FROM five WHERE kind = 1) AS pageviews_5m,
    (SELECT array_agg(coalesce(n, 0) ORDER BY ago DESC)
     FROM generate_series(0, 29) AS ago
     LEFT JOIN (
        SELECT floor(extract(epoch FROM now() - ts) / 60)::int AS ago, count(*) AS n
        FROM recent WHERE kind = 1 GROUP BY 1) AS m USING (ago)) AS per_minute,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('page', value, 'visitors', n)), '[]') FROM (
        SELECT l.value, count(DISTINCT visitor_id) AS n
        FROM recent r JOIN labels l ON l.site_id = r.site_id AND l.label_id = r.path_id
        WHERE kind = 1 GROUP BY l.value ORDER BY n DESC, l.value LIMIT 10) AS p) AS top_pages,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('source', value, 'visitors', n)), '[]') FROM (
        SELECT l.value, count(DISTINCT visitor_id) AS n
        FROM recent r JOIN labels l ON l.site_id = r.site_id AND l.label_id = r.source_id
        WHERE kind = 1 GROUP BY l.value ORDER BY n DESC, l.value LIMIT 10) AS p) AS top_sources,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('country', value, 'visitors', n)), '[]') FROM (
        SELECT l.value, count(DISTINCT visitor_id) AS n
        FROM recent r JOIN labels l ON l.site_id = r.site_id AND l.label_id = r.country_id
        GROUP BY l.value ORDER BY n DESC, l.value LIMIT 50) AS p) AS countries
