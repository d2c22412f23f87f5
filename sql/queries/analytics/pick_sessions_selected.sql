-- The selected sessions that start in a scope; follows a WITH that begins with selected (columns of
-- sessions).
-- :start :end timestamptz
, picked AS (
    SELECT * FROM selected WHERE started_at >= %(start)s AND started_at < %(end)s
)
