-- The visitor-days per dimension value that come, go or begin at another instant.
-- was_at, is_at: first event (dimension 9: conversion) before and after the run; null: no such day.
INSERT INTO run_changed_days
SELECT c.*, d.is_preceded, d.is_followed
FROM (
    SELECT
        site_id, dimension, value_id, visitor_id, local_day AS day,
        min(at) FILTER (WHERE state <= 0) AS was_at, min(at) FILTER (WHERE state >= 0) AS is_at
    FROM run_hours
    CROSS JOIN LATERAL (VALUES
        (0::smallint, 0, first_at), (1, source_id, first_at), (2, channel_id, first_at),
        (3, country_id, first_at), (4, device_id, first_at), (5, browser_id, first_at),
        (6, os_id, first_at), (9, 0, converted_at)
    ) AS v(dimension, value_id, at)
    WHERE at IS NOT NULL
    GROUP BY site_id, dimension, value_id, visitor_id, local_day
    HAVING min(at) FILTER (WHERE state <= 0) IS DISTINCT FROM min(at) FILTER (WHERE state >= 0)
) AS c
JOIN run_days d USING (site_id, visitor_id, day)
