-- The goals' events of the run's units at or after the first exposure and, where the experiment has
-- an attribution window, up to its end, by local day. Nobody who saw several variants has any.
-- What was found before the raw events that are kept stays as it was found.
-- :from_at timestamptz: the first of all exposures
INSERT INTO run_new_outcomes
SELECT
    u.site_id, u.experiment_id, u.visitor_id, g.name_id, e.local_day,
    count(*) FILTER (WHERE g.is_counted),
    sum(g.sign * coalesce(CASE
        WHEN e.kind IN (4, 5) THEN e.revenue
        WHEN e.currency IS NULL OR e.currency = g.currency THEN e.value
    END, 0))
FROM run_goals g
JOIN run_new_units u ON u.site_id = g.site_id AND u.experiment_id = g.experiment_id
JOIN events e ON e.site_id = u.site_id AND e.visitor_id = u.visitor_id
    AND e.name_id = g.source_id AND e.ts >= u.exposed_at
WHERE u.variant IS NOT NULL AND e.ts >= %(from_at)s
    AND (g.attribution_window IS NULL OR e.ts <= u.exposed_at + g.attribution_window)
    AND (g.raw_day IS NULL OR e.local_day >= g.raw_day)
GROUP BY u.site_id, u.experiment_id, u.visitor_id, g.name_id, e.local_day
UNION ALL
SELECT o.site_id, o.experiment_id, o.visitor_id, o.name_id, o.day, o.events, o.value
FROM run_experiments x
JOIN run_old_outcomes o ON o.site_id = x.site_id AND o.experiment_id = x.experiment_id
    AND o.day < x.raw_day
JOIN run_new_units u ON u.site_id = o.site_id AND u.experiment_id = o.experiment_id
    AND u.visitor_id = o.visitor_id
WHERE u.variant IS NOT NULL
    AND (o.experiment_id, o.name_id) IN (SELECT experiment_id, name_id FROM run_goals)
