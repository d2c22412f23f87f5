-- Has the minutes of the changed events counted again.
-- :site_id int
INSERT INTO touched_minutes (site_id, minute)
SELECT DISTINCT %(site_id)s::int, date_trunc('minute', ts) FROM run_changed_events
