-- Grain: one row: the people of the selected sessions. Follows a WITH that has found (of users_found).
, people AS (
    SELECT unnest(scores) AS score FROM found
),
quantiles AS (
    SELECT avg(score) AS engagement_mean,
        percentile_cont(ARRAY[0.25, 0.5, 0.75, 0.9]) WITHIN GROUP (ORDER BY score) AS quantiles
    FROM people
)
SELECT
    coalesce(sum(cardinality(scores)) FILTER (WHERE is_new), 0)::bigint AS new_visitors,
    coalesce(sum(cardinality(scores)) FILTER (WHERE NOT is_new), 0)::bigint AS returning_visitors,
    coalesce(sum(sessions), 0)::bigint AS sessions,
    (SELECT engagement_mean FROM quantiles) AS engagement_mean,
    (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_us) / 1e6
        FROM (SELECT unnest(durations_us) AS duration_us FROM found) AS durations)
        AS session_duration_median_s,
    (SELECT quantiles FROM quantiles) AS quantiles
FROM found
