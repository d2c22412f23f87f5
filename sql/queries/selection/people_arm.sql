-- Some visitors by their masks.
-- {visitors}: people_visitors
-- :site_id int, :first date
SELECT {masks}is_converting, v.first_day >= %(first)s AS is_new,
    CASE WHEN v.first_day = p.first_day THEN p.first_day END AS new_day, count(*) AS visitors
FROM (
    SELECT visitor_id, {masking}bool_or(conversions > 0) AS is_converting,
        min(local_day) AS first_day
    FROM {from} s
    WHERE {which} {more}
    GROUP BY visitor_id
) AS p
JOIN ({visitors}) AS v USING (visitor_id)
GROUP BY {masks}is_converting, is_new, new_day
