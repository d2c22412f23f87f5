-- The visitor-days per dimension value that come, go or begin at another instant.
-- was_at, is_at: first event (dimension 9: conversion) before and after the run; null: no such day.
INSERT INTO run_changed_days
SELECT c.*, d.is_preceded, d.is_followed
FROM (
    SELECT
        site_id, dimension, value_id, visitor_id, local_day AS day,
        min(at) FILTER (WHERE state <= 0) AS was_at, min(at) FILTER (WHERE state >= 0) AS is_at
    FROM (
        SELECT
            site_id, visitor_id, local_day, state,
            unnest('{0,1,2,3,4,5,6,9}'::smallint[]) AS dimension,
            unnest(ARRAY[0, source_id, channel_id, country_id, device_id, browser_id, os_id, 0])
                AS value_id,
            unnest(ARRAY[first_at, first_at, first_at, first_at, first_at, first_at, first_at,
                converted_at]) AS at
        FROM run_hours
    ) AS v
    WHERE at IS NOT NULL
    GROUP BY visitor_id, value_id, dimension, local_day, site_id
    HAVING min(at) FILTER (WHERE state <= 0) IS DISTINCT FROM min(at) FILTER (WHERE state >= 0)
) AS c
JOIN run_days d USING (site_id, visitor_id, day)
