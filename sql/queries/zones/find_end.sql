-- Grain: one row: the instant up to which a piece of a round goes; null: the rest fits into it.
-- :old int, :from_at timestamptz, :done_seq :until_seq bigint, :most int
SELECT (
    SELECT ts FROM events
    WHERE site_id = %(old)s AND ts >= %(from_at)s
        AND batch_seq > %(done_seq)s AND batch_seq <= %(until_seq)s
    ORDER BY ts OFFSET %(most)s LIMIT 1
) AS to_at
