-- Notes the complete local days that the run changed.
INSERT INTO touched_days (site_id, day)
SELECT DISTINCT d.site_id, d.day
FROM run_days d
JOIN sites s USING (site_id)
WHERE d.day < (now() AT TIME ZONE s.timezone)::date
