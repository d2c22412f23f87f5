-- The goals' events of the run's units at or after the first exposure and, where the experiment has
-- an attribution window, up to its end, by local day. Nobody who saw several variants has any.
-- What was found before the raw events that are kept stays as it was found.
-- :from_at timestamptz: the first of all exposures
INSERT INTO run_new_outcomes
SELECT site_id, experiment_id, visitor_id, name_id, day, sum(events), sum(value)
FROM (
    SELECT
        u.site_id, u.experiment_id, u.visitor_id, g.name_id, e.local_day AS day,
        CASE WHEN g.is_counted THEN 1 ELSE 0 END AS events,
        g.sign * coalesce(CASE
            WHEN e.kind IN (4, 5) THEN e.revenue
            WHEN e.currency IS NULL OR e.currency = x.currency THEN e.value
        END, 0) AS value
    FROM run_new_units u
    JOIN run_experiments x USING (site_id, experiment_id)
    JOIN run_goals g USING (site_id, experiment_id)
    JOIN events e ON e.site_id = u.site_id AND e.visitor_id = u.visitor_id
        AND e.name_id = g.source_id AND e.ts >= u.exposed_at
    WHERE u.variant IS NOT NULL AND e.ts >= %(from_at)s
        AND (x.attribution_window IS NULL OR e.ts <= u.exposed_at + x.attribution_window)
        AND (x.raw_day IS NULL OR e.local_day >= x.raw_day)
    UNION ALL
    SELECT o.site_id, o.experiment_id, o.visitor_id, o.name_id, o.day, o.events, o.value
    FROM run_old_outcomes o
    JOIN run_experiments x USING (site_id, experiment_id)
    JOIN run_new_units u USING (site_id, experiment_id, visitor_id)
    WHERE o.day < x.raw_day AND u.variant IS NOT NULL
        AND o.name_id IN (SELECT name_id FROM run_goals)
) AS parts
GROUP BY site_id, experiment_id, visitor_id, name_id, day
