-- Grain: an event without identity on the day that is cut, before the cut.
-- :site_id int, :last_start :cut timestamptz (last_start: when that day begins)
SELECT name_id, is_conversion, revenue
FROM events
WHERE site_id = %(site_id)s AND visitor_id IS NULL AND ts >= %(last_start)s AND ts < %(cut)s
