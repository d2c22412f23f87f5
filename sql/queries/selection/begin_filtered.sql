-- Adds parts and people to a WITH; the rows of people may come in halves.
-- {parts} {people}: tables
WITH parts AS (TABLE {parts}),
people AS (
    SELECT kind, by_id, local_day, sum(visitors)::bigint AS visitors,
        sum(new_visitors)::bigint AS new_visitors,
        sum(converting_visitors)::bigint AS converting_visitors
    FROM {people}
    GROUP BY kind, by_id, local_day
)
