-- Grain: a site's local day whose parts must be stored: those that have ended and are not computed
-- yet, in order of time, and those that were touched since, once they rest. first_day: the day from
-- which on none is computed.
-- :rest_s float8 (how long a touched day must be left alone)
WITH progress AS (
    SELECT s.site_id, (now() AT TIME ZONE s.timezone)::date AS today,
        coalesce(p.done_day, (
            SELECT min(local_day) FROM sessions WHERE sessions.site_id = s.site_id)) AS done_day
    FROM sites s
    LEFT JOIN filtered_progress p USING (site_id)
    WHERE slug IS NOT NULL
)
SELECT site_id, day::date AS day
FROM progress
CROSS JOIN LATERAL generate_series(
    done_day::timestamp, (today - 1)::timestamp, INTERVAL '1 day') AS day
UNION ALL
SELECT site_id, day
FROM touched_filtered_days t
JOIN progress USING (site_id)
WHERE day < done_day
GROUP BY site_id, day
HAVING max(touched_at) < now() - make_interval(secs => %(rest_s)s)
ORDER BY 1, 2
