-- Grain: site whose days are being built in another zone. all_events: of the site.
SELECT
    site_id, timezone, requested_at, copied_events,
    (SELECT coalesce(sum(events), 0) FROM event_quarters q WHERE q.site_id = z.site_id)::bigint
        AS all_events
FROM zone_changes z
