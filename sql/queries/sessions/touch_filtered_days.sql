-- Notes the changed local days that have ended, or will before the transaction does.
INSERT INTO touched_filtered_days (site_id, day)
SELECT d.site_id, d.day
FROM (SELECT DISTINCT site_id, day FROM run_days) AS d
JOIN sites s USING (site_id)
WHERE d.day < ((now() + INTERVAL '1 hour') AT TIME ZONE s.timezone)::date
