-- What people query: additive counts by hour, day, dimension and page, adding up both families of
-- rollups, with names instead of ids.

-- Local hours; hour_at is the instant the hour begins. Quarter hours divide every zone's offset.
CREATE VIEW traffic_hourly AS
SELECT
    site_id, local_day, hour_at,
    sum(events) AS events, sum(pageviews) AS pageviews, sum(sessions) AS sessions,
    sum(bounces) AS bounces, sum(duration_us) / 1e6 AS duration_s, sum(conversions) AS conversions,
    sum(purchases) AS purchases, sum(revenue_gross) AS revenue_gross,
    sum(revenue_net) AS revenue_net
FROM (
    SELECT q.site_id, local_day, date_trunc('hour', bucket, timezone) AS hour_at,
        events, pageviews, 0 AS sessions, 0 AS bounces, 0 AS duration_us,
        conversions, purchases, revenue_gross, revenue_net
    FROM event_quarters q JOIN sites USING (site_id)
    UNION ALL
    SELECT q.site_id, local_day, date_trunc('hour', bucket, timezone),
        0, 0, sessions, bounces, duration_us, 0, 0, 0, 0
    FROM session_quarters q JOIN sites USING (site_id)
) AS parts
GROUP BY site_id, local_day, hour_at;

CREATE VIEW traffic_daily AS
SELECT
    site_id, local_day,
    sum(events) AS events, sum(pageviews) AS pageviews, sum(sessions) AS sessions,
    sum(bounces) AS bounces, sum(duration_us) / 1e6 AS duration_s,
    sum(session_pageviews) AS session_pageviews, sum(conversions) AS conversions,
    sum(purchases) AS purchases, sum(revenue_gross) AS revenue_gross,
    sum(revenue_net) AS revenue_net
FROM (
    SELECT site_id, local_day, events, pageviews, 0 AS sessions, 0 AS bounces, 0 AS duration_us,
        0 AS session_pageviews, conversions, purchases, revenue_gross, revenue_net
    FROM event_quarters
    UNION ALL
    SELECT site_id, local_day, 0, 0, sessions, bounces, duration_us, session_pageviews, 0, 0, 0, 0
    FROM session_value_days WHERE dimension = 0
) AS parts
GROUP BY site_id, local_day;

CREATE VIEW dimension_daily AS
SELECT
    d.site_id, d.local_day, n.name AS dimension, l.value,
    d.sessions, d.bounces, d.duration_us / 1e6 AS duration_s, d.events, d.pageviews,
    d.conversions, d.revenue_gross, d.revenue_net
FROM session_value_days d
JOIN dimensions n USING (dimension)
LEFT JOIN labels l ON l.site_id = d.site_id AND l.label_id = d.value_id
WHERE d.dimension <> 0 AND d.dimension <> 9
UNION ALL
SELECT e.site_id, e.local_day, 'event', l.value, 0, 0, 0, sum(e.events), 0,
    sum(e.conversions), NULL, sum(e.revenue_net)
FROM event_name_days e
JOIN labels l ON l.site_id = e.site_id AND l.label_id = e.name_id
GROUP BY e.site_id, e.local_day, l.value;

CREATE VIEW page_daily AS
SELECT
    p.site_id, p.local_day, l.value AS path,
    sum(p.pageviews) AS pageviews, sum(p.entries) AS entries, sum(p.exits) AS exits,
    sum(p.visits) AS visits, sum(p.engaged_ms) AS engaged_ms
FROM (
    SELECT site_id, local_day, page_id, pageviews, 0 AS entries, 0 AS exits, 0 AS visits,
        0 AS engaged_ms
    FROM event_page_days
    UNION ALL
    SELECT site_id, local_day, page_id, 0, 0, 0, visits, engaged_ms FROM session_page_days
    UNION ALL
    SELECT site_id, local_day, value_id, 0,
        CASE dimension WHEN 20 THEN sessions ELSE 0 END,
        CASE dimension WHEN 21 THEN sessions ELSE 0 END, 0, 0
    FROM session_value_days WHERE dimension IN (20, 21)
) AS p
LEFT JOIN labels l ON l.site_id = p.site_id AND l.label_id = p.page_id
GROUP BY p.site_id, p.local_day, l.value;

-- All that is stored for filters, in one shape.
CREATE VIEW filtered_parts AS
SELECT * FROM filtered_days
UNION ALL
SELECT
    site_id, dimension, value_id, 8::smallint, local_day, page_id, 0, 0, 0, 0, 0, viewed, 0, 0, 0, 0,
    0, 0
FROM filtered_page_days
CROSS JOIN LATERAL unnest(page_ids, views) AS p(page_id, viewed);
