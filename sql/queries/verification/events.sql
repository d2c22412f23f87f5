-- The local columns that events should have.
-- :site_id int
SELECT
    site_id, ts, (ts AT TIME ZONE timezone)::date AS local_day,
    extract(hour FROM ts AT TIME ZONE timezone)::smallint AS local_hour,
    extract(isodow FROM ts AT TIME ZONE timezone)::smallint AS local_weekday
FROM events
JOIN sites USING (site_id)
WHERE site_id = %(site_id)s
