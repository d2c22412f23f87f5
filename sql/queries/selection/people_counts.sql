-- What people has of a dimension: its values with a bit, and the others. Needs shares and masked.
-- :{name}_ids int[] (values that have a bit), {mask} {first}: where, {column}: of shares, {number}: of
-- the dimension
UNION ALL
SELECT {number}, by_id, NULL, sum(visitors)::bigint, 0, 0
FROM unnest(%({name}_ids)s::int[]) WITH ORDINALITY AS u(by_id, place)
JOIN masked ON {mask} & (1::bigint << ({first} + place::int - 1)) <> 0
GROUP BY by_id
UNION ALL
SELECT {number}, {column}, NULL, count(*), 0, 0
FROM (
    SELECT DISTINCT {column}, visitor_id
    FROM shares
    WHERE cardinality(%({name}_ids)s::int[]) >= %(most)s AND {column} <> ALL(%({name}_ids)s::int[])
) AS rest
GROUP BY {column}
