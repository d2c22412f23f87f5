-- Grain: segment of a site, by name.
-- :site_id int
SELECT name FROM segments WHERE site_id = %(site_id)s ORDER BY name
