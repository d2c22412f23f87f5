-- Gives a site's new number the client event ids it lacks.
-- :old :new int
INSERT INTO seen_events (site_id, hash, ts)
SELECT %(new)s, hash, ts
FROM seen_events o
WHERE site_id = %(old)s AND NOT EXISTS (
    SELECT FROM seen_events n WHERE n.site_id = %(new)s AND n.hash = o.hash)
