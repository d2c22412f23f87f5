-- Grain: site, by name. last_at: instant of the newest event up to now; received_minute: minute in
-- which anything was last received; both null: never. events_24h: stored in the last 24 hours.
SELECT
    s.slug, s.name, s.timezone, e.last_at, i.received_minute, coalesce(i.events_24h, 0) AS events_24h
FROM sites s
CROSS JOIN LATERAL (
    SELECT max(ts) AS last_at FROM events WHERE site_id = s.site_id AND ts <= now()
) AS e
LEFT JOIN (
    SELECT site_id, max(minute) AS received_minute,
        (sum(events) FILTER (WHERE outcome IN ('stored', 'late')
            AND minute > now() - INTERVAL '24 hours'))::bigint AS events_24h
    FROM intake_minutes
    GROUP BY site_id
) AS i USING (site_id)
WHERE s.slug IS NOT NULL
ORDER BY s.name, s.slug
