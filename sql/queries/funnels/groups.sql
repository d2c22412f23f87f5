-- Part of a funnel's statement; follows `matched` (actor, value, ts, mask: bits of the steps that an
-- event satisfies).
-- marked: the same with the bits of all steps that the actor satisfies in any order.
-- groups: per actor and instant, how many steps in a row after each step its events can satisfy;
-- simultaneous events are in any order that helps (runs as funnel_runs, null: see shapes). Who has
-- not both the first and the second step stays at the first and is kept as one instant of it.
-- shapes: the runs of instants where an event could satisfy several steps.
-- :steps int, :alone :together bigint[] (runs by bits, of one event and of several that are each
-- good for one step)
marked AS (
    SELECT
        actor, value, ts, mask, min(ts) OVER w AS first_ts, bit_or(mask) OVER w AS masks
    FROM matched
    WINDOW w AS (
        PARTITION BY actor, value ORDER BY ts
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
),
groups AS MATERIALIZED (
    SELECT
        actor, value, ts,
        CASE
            WHEN min(masks) & 3 = 1 THEN 1
            WHEN count(*) = 1 THEN (%(alone)s::bigint[])[1 + bit_or(mask)]
            WHEN bool_and(mask & (mask - 1) = 0) THEN (%(together)s::bigint[])[1 + bit_or(mask)]
        END AS runs,
        coalesce(bit_or(mask) FILTER (WHERE mask & (mask - 1) = 0), 0) AS singles,
        array_agg(mask) FILTER (WHERE mask & (mask - 1) <> 0) AS multis
    FROM marked
    WHERE masks & 3 = 3 OR masks & 3 = 1 AND ts = first_ts
    GROUP BY actor, value, ts
),
shapes AS MATERIALIZED (
    SELECT singles, multis, funnel_runs(%(steps)s, singles, multis) AS runs
    FROM (SELECT DISTINCT singles, multis FROM groups WHERE runs IS NULL) AS simultaneous
),
instants AS (
    SELECT actor, value, ts, CASE WHEN runs IS NULL THEN (
        SELECT s.runs FROM shapes s WHERE s.singles = g.singles AND s.multis = g.multis
    ) ELSE runs END AS runs
    FROM groups g
),
