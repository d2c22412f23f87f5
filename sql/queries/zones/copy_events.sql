-- Copies raw events of a site to its new number, with the local columns of the new zone, and notes
-- them as a writer does. Grain: one row: events, how many that were.
-- :old :new int, :timezone text, :from_at :to_at timestamptz (half open; null: no end),
-- :done_seq :until_seq bigint (writer transactions: after, up to), :batch_seq bigint (of the copies),
-- {columns}: all columns of events but those that change
WITH copied AS (
    INSERT INTO events (site_id, local_day, local_hour, local_weekday, batch_seq, {columns})
    SELECT
        %(new)s, (ts AT TIME ZONE %(timezone)s)::date,
        extract(hour FROM ts AT TIME ZONE %(timezone)s),
        extract(isodow FROM ts AT TIME ZONE %(timezone)s), %(batch_seq)s, {columns}
    FROM events
    WHERE site_id = %(old)s AND ts >= %(from_at)s AND ts < coalesce(%(to_at)s, 'infinity'::timestamptz)
        AND batch_seq > %(done_seq)s AND batch_seq <= %(until_seq)s
    RETURNING visitor_id, session_key, ts
),
people AS (
    INSERT INTO touched_visitors
        (shard, site_id, visitor_id, session_key, from_at, to_at, received_at)
    SELECT (visitor_id %% 256 + 256) %% 256, %(new)s, visitor_id, session_key, min(ts), max(ts), now()
    FROM copied
    WHERE visitor_id IS NOT NULL
    GROUP BY visitor_id, session_key
),
batches AS (
    INSERT INTO touched_batches (batch_seq, site_id, from_at, to_at, received_at)
    SELECT %(batch_seq)s, %(new)s, min(ts), max(ts), now() FROM copied HAVING count(*) > 0
)
SELECT count(*) AS events FROM copied
