-- Moves raw_from to the local midnight that a site's retention leaves; answers site_id, raw_from of
-- all sites that have one. It never moves back, nor while a site's days are built in another zone.
WITH due AS (
    SELECT
        site_id, timezone,
        ((now() AT TIME ZONE timezone)::date - retention_days)::timestamp AT TIME ZONE timezone
            AS keeps_from
    FROM sites
    WHERE retention_days IS NOT NULL AND deleted_at IS NULL AND moved_to IS NULL
        AND NOT EXISTS (SELECT FROM zone_changes z WHERE sites.site_id IN (z.site_id, z.new_site_id))
),
moved AS (
    UPDATE sites s SET raw_from = d.keeps_from
    FROM due d
    WHERE s.site_id = d.site_id AND (s.raw_from IS NULL OR s.raw_from < d.keeps_from)
    RETURNING s.site_id, s.raw_from
)
SELECT site_id, raw_from FROM moved
UNION
SELECT site_id, raw_from FROM sites
WHERE raw_from IS NOT NULL AND site_id NOT IN (SELECT site_id FROM moved)
