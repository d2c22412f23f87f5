-- What visitor_value_days should hold: each visitor's active days per dimension value, in chains.
-- :site_id int
SELECT
    site_id, dimension, value_id, visitor_id, day,
    lag(day) OVER (PARTITION BY dimension, value_id, visitor_id ORDER BY day) AS prev_day, first_at
FROM (
    SELECT h.site_id, v.dimension, v.value_id, h.visitor_id, h.local_day AS day,
        min(CASE v.dimension WHEN 9 THEN h.converted_at ELSE h.first_at END) AS first_at
    FROM session_hours h
    JOIN sessions s USING (site_id, visitor_id, started_at, session_id)
    CROSS JOIN LATERAL (VALUES
        (0::smallint, 0), (1, s.source_id), (2, s.channel_id), (3, s.country_id),
        (4, s.device_id), (5, s.browser_id), (6, s.os_id),
        (9, CASE WHEN h.conversions > 0 THEN 0 END)
    ) AS v(dimension, value_id)
    WHERE h.site_id = %(site_id)s AND v.value_id IS NOT NULL
    GROUP BY h.site_id, v.dimension, v.value_id, h.visitor_id, h.local_day
) AS days
