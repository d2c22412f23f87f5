-- The sessions that start in a scope; begins a WITH.
-- :site_id int, :start :end timestamptz
WITH picked AS (
    SELECT * FROM sessions
    WHERE site_id = %(site_id)s AND started_at >= %(start)s AND started_at < %(end)s
)
