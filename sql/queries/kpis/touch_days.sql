-- Notes the complete local days of the counted minutes.
INSERT INTO touched_days (site_id, day)
SELECT DISTINCT m.site_id, m.local_day
FROM run_minutes m
JOIN sites s USING (site_id)
WHERE m.local_day < (now() AT TIME ZONE s.timezone)::date
