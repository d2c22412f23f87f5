-- Grain: site whose days are built by other rules of its zone than this server has now.
-- built, current: both rules
WITH zones AS MATERIALIZED (
    SELECT timezone, zone_rules(timezone) AS current
    FROM (SELECT DISTINCT timezone FROM sites WHERE slug IS NOT NULL) AS used
)
SELECT site_id, slug, timezone, zone_rules AS built, current
FROM sites s
JOIN zones USING (timezone)
WHERE slug IS NOT NULL AND zone_rules <> current
    AND NOT EXISTS (SELECT FROM zone_changes z WHERE z.site_id = s.site_id)
ORDER BY site_id
