-- What people has of a dimension with one value. Needs grouped.
-- :{name}_ids int[] (the value), {number}: of the dimension
UNION ALL
SELECT {number}, (%({name}_ids)s::int[])[1], NULL, sum(visitors)::bigint, 0, 0
FROM grouped
