-- Deletes touched minutes and keeps each once in run_minutes, but for those whose raw events may be
-- gone; answers how many rows it took.
-- :most bigint (rows taken at most)
WITH taken AS (
    DELETE FROM touched_minutes
    WHERE ctid = ANY(ARRAY(SELECT ctid FROM touched_minutes LIMIT %(most)s))
    RETURNING site_id, minute
),
kept AS (
    INSERT INTO run_minutes
    SELECT DISTINCT t.site_id, t.minute, (t.minute AT TIME ZONE s.timezone)::date
    FROM taken t
    JOIN sites s USING (site_id)
    WHERE s.raw_from IS NULL OR t.minute >= s.raw_from
)
SELECT count(*) FROM taken
