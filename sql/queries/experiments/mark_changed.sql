-- From which day on the results of the changed experiments are out of date.
UPDATE experiments x
SET changed_from = least(x.changed_from, c.day)
FROM (
    SELECT experiment_id, min(day) AS day
    FROM (
        SELECT experiment_id, day FROM run_day_changes
        UNION ALL
        SELECT experiment_id, 'infinity' FROM run_segment_changes
    ) AS changes
    GROUP BY experiment_id
) AS c
WHERE x.experiment_id = c.experiment_id
