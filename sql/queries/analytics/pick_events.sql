-- The events of a scope, with and without identity; begins a WITH.
-- :site_id int, :start :end timestamptz
WITH picked AS (
    SELECT * FROM events
    WHERE site_id = %(site_id)s AND ts >= %(start)s AND ts < %(end)s
)
