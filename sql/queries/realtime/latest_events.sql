-- Grain: event, newest first; of the last 30 minutes.
-- :site_id int, :most int. page, country, device, browser, source: null = unknown
SELECT
    e.ts AS at, n.value AS name, p.value AS page, c.value AS country, d.value AS device,
    b.value AS browser, s.value AS source, e.value, e.currency
FROM events e
JOIN labels n ON n.site_id = e.site_id AND n.label_id = e.name_id
LEFT JOIN labels p ON p.site_id = e.site_id AND p.label_id = e.path_id
LEFT JOIN labels c ON c.site_id = e.site_id AND c.label_id = e.country_id
LEFT JOIN labels d ON d.site_id = e.site_id AND d.label_id = e.device_id
LEFT JOIN labels b ON b.site_id = e.site_id AND b.label_id = e.browser_id
LEFT JOIN labels s ON s.site_id = e.site_id AND s.label_id = e.source_id
WHERE e.site_id = %(site_id)s AND e.ts > now() - INTERVAL '30 minutes' AND e.ts <= now()
ORDER BY e.ts DESC, e.event_id DESC
LIMIT %(most)s
