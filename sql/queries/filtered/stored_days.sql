-- Grain: a local day of a site with stored parts that filters read.
-- :site_id int
SELECT DISTINCT local_day
FROM filtered_days f
WHERE site_id = %(site_id)s AND kind = 0 AND NOT EXISTS (
    SELECT FROM touched_filtered_days t WHERE t.site_id = f.site_id AND t.day = f.local_day)
ORDER BY local_day
