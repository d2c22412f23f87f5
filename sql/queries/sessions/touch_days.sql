-- Notes the complete local days that the run changed.
INSERT INTO touched_days (site_id, day)
SELECT d.site_id, d.day
FROM (SELECT DISTINCT site_id, day FROM run_days) AS d
JOIN sites s USING (site_id)
WHERE d.day < (now() AT TIME ZONE s.timezone)::date
