-- The units of the run's visitors: first exposure, and the variant unless there were several.
-- Exposures to unknown or blank variants are none. An exposure older than the raw events that are
-- kept counts as it was found.
WITH known AS (
    SELECT x.*, v.variant
    FROM run_experiments x
    CROSS JOIN LATERAL (
        SELECT jsonb_array_elements(x.variants) ->> 'key' AS variant
    ) AS v
),
exposures AS (
    SELECT k.site_id, k.experiment_id, e.visitor_id, e.ts, k.variant, false AS is_several
    FROM run_unit_visitors v
    JOIN events e ON e.site_id = v.site_id AND e.visitor_id = v.visitor_id AND e.kind = 3
    JOIN known k ON k.site_id = e.site_id AND k.key = e.properties ->> 'experiment'
        AND k.variant = e.properties ->> 'variant'
    WHERE (k.starts_at IS NULL OR e.ts >= k.starts_at) AND (k.ends_at IS NULL OR e.ts < k.ends_at)
    UNION ALL
    SELECT o.site_id, o.experiment_id, o.visitor_id, o.exposed_at, o.variant, o.variant IS NULL
    FROM run_old_units o
    JOIN run_experiments x USING (site_id, experiment_id)
    WHERE o.exposed_at < x.raw_from
),
units AS (
    SELECT
        site_id, experiment_id, visitor_id, min(ts) AS exposed_at,
        CASE WHEN min(variant) = max(variant) AND NOT bool_or(is_several)
            THEN min(variant) END AS variant
    FROM exposures
    GROUP BY site_id, experiment_id, visitor_id
)
INSERT INTO run_new_units
SELECT DISTINCT ON (u.site_id, u.experiment_id, u.visitor_id)
    u.site_id, u.experiment_id, u.visitor_id, u.variant, u.exposed_at, local.day,
    coalesce(s.country_id, 0), coalesce(s.device_id, 0), coalesce(s.source_id, 0),
    coalesce(w.first_day = local.day, true)
FROM units u
JOIN run_experiments x USING (site_id, experiment_id)
CROSS JOIN LATERAL (SELECT (u.exposed_at AT TIME ZONE x.timezone)::date AS day) AS local
LEFT JOIN sessions s ON s.site_id = u.site_id AND s.visitor_id = u.visitor_id
    AND u.exposed_at BETWEEN s.started_at AND s.ended_at
LEFT JOIN visitors w ON w.site_id = u.site_id AND w.visitor_id = u.visitor_id
ORDER BY u.site_id, u.experiment_id, u.visitor_id, s.started_at, s.session_id
