-- The distinct visitors of each value of a low-cardinality dimension. Adds people to a WITH. Those of
-- the day that is cut are counted on one side of the cut: before it, or after it and then negative,
-- the whole day being among the others.
-- :site_id int, :dimension smallint, :first :last :counted_last date (counted_last: last of the others),
-- :cut :side_start :side_end timestamptz (null: the range is whole), :sign int (of the side)
, people AS (
    SELECT value_id, sum(visitors)::bigint AS visitors
    FROM (
        SELECT value_id, visitors
        FROM value_gaps
        WHERE site_id = %(site_id)s AND dimension = %(dimension)s
            AND day BETWEEN %(first)s AND %(counted_last)s
            AND (prev_day IS NULL OR prev_day < %(first)s)
        UNION ALL
        SELECT value_id, %(sign)s * count(*)
        FROM visitor_value_days
        WHERE site_id = %(site_id)s AND dimension = %(dimension)s
            AND %(cut)s::timestamptz IS NOT NULL AND day = %(last)s
            AND first_at >= %(side_start)s AND first_at < %(side_end)s
            AND (prev_day IS NULL OR prev_day < %(first)s)
        GROUP BY value_id
    ) AS days
    GROUP BY value_id
)
