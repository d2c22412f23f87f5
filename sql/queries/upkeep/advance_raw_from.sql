-- Moves the raw_from of sites; never back, nor while a site's days are built in another zone, nor while
-- a job has yet to count events before it.
-- :site_ids int[], :instants timestamptz[]
UPDATE sites s SET raw_from = d.keeps_from
FROM unnest(%(site_ids)s::int[], %(instants)s::timestamptz[]) AS d(site_id, keeps_from)
WHERE s.site_id = d.site_id AND s.moved_to IS NULL
    AND (s.raw_from IS NULL OR s.raw_from < d.keeps_from)
    AND NOT EXISTS (SELECT FROM zone_changes z WHERE s.site_id IN (z.site_id, z.new_site_id))
    AND NOT EXISTS (
        SELECT FROM touched_visitors t WHERE t.site_id = s.site_id AND t.from_at < d.keeps_from)
    AND NOT EXISTS (
        SELECT FROM touched_batches t WHERE t.site_id = s.site_id AND t.from_at < d.keeps_from)
    AND NOT EXISTS (
        SELECT FROM touched_minutes t WHERE t.site_id = s.site_id AND t.minute < d.keeps_from)
