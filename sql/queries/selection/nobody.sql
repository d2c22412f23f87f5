-- Grain: an event without identity.
-- :site_id int, {from} {until}: instants
SELECT kind, path_id, name_id, is_conversion, revenue
FROM events
WHERE site_id = %(site_id)s AND visitor_id IS NULL AND ts >= {from} AND ts < {until}
