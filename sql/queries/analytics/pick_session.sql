-- One session; begins a WITH.
-- :site_id int, :started_at timestamptz, :key bigint (its session_id)
WITH picked AS (
    SELECT * FROM sessions
    WHERE site_id = %(site_id)s AND started_at = %(started_at)s AND session_id = %(key)s
)
