-- Marks the events whose name is a goal now and unmarks the others, and keeps what changed. Events
-- before the site's raw_from stay as they were counted.
-- :site_id int
WITH changed AS (
    UPDATE events SET is_conversion = NOT is_conversion
    WHERE site_id = %(site_id)s
        AND ts >= coalesce(
            (SELECT raw_from FROM sites WHERE site_id = %(site_id)s), '-infinity')
        AND is_conversion <> (name_id = ANY(ARRAY(
            SELECT label_id
            FROM goals g
            JOIN labels l ON l.site_id = g.site_id AND l.hash = label_hash(g.event)
            WHERE g.site_id = %(site_id)s)))
    RETURNING ts, local_day, name_id, visitor_id, session_key, batch_seq, is_conversion
)
INSERT INTO run_changed_events
SELECT
    ts, local_day, name_id, visitor_id, session_key, batch_seq,
    CASE WHEN is_conversion THEN 1 ELSE -1 END
FROM changed
