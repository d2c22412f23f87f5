-- Part of a funnel's statement; follows `matched` (actor, value, ts, mask: bits of the steps that an
-- event satisfies).
-- reached: per actor, bits of the steps it satisfies in any order.
-- groups: per actor that may get past step 1 and instant, how many steps in a row after each step
-- its events can satisfy (funnel_runs). Events of one instant are in any order that helps.
-- :steps int
reached AS MATERIALIZED (
    SELECT actor, value, bit_or(mask) AS masks FROM matched GROUP BY actor, value
),
instants AS MATERIALIZED (
    SELECT
        actor, value, ts, coalesce(bit_or(mask) FILTER (WHERE mask & (mask - 1) = 0), 0) AS singles,
        coalesce(array_agg(mask) FILTER (WHERE mask & (mask - 1) <> 0), '{}') AS multis
    FROM matched
    JOIN reached USING (actor, value)
    WHERE masks & 3 = 3
    GROUP BY actor, value, ts
),
shapes AS MATERIALIZED (
    SELECT singles, multis, funnel_runs(%(steps)s, singles, multis) AS runs
    FROM (SELECT DISTINCT singles, multis FROM instants) AS distinct_instants
),
groups AS MATERIALIZED (
    SELECT actor, value, ts, runs FROM instants JOIN shapes USING (singles, multis)
),
