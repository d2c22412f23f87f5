-- Grain: one row: a value's label id, the days of a range whose parts are stored for it, and the
-- others. by_id: null when the site never saw the value. parted: the visitors of the sessions with the
-- value that reach into the range and do not lie within its days up to whole_last, so that their
-- shares must be looked at.
-- :site_id int, :first :last :whole_last date (days after whole_last count as open), :by_dimension
-- smallint, :by_hash uuid (of the value's label; null: unknown), {is_value}: whether a session has by_id
SELECT
    by_id, coalesce(array_agg(day) FILTER (WHERE is_closed), '{}') AS closed_days,
    coalesce(array_agg(day) FILTER (WHERE NOT is_closed), '{}') AS open_days,
    ARRAY(
        SELECT visitor_id
        FROM sessions
        WHERE site_id = %(site_id)s AND {is_value} AND started_at < %(end)s
            AND last_day > local_day AND last_day >= %(first)s AND local_day <= %(last)s
            AND (local_day < %(first)s OR last_day > %(whole_last)s)
        UNION
        SELECT visitor_id
        FROM sessions
        WHERE site_id = %(site_id)s AND {is_value}
            AND started_at >= %(start)s AND started_at < %(end)s
            AND local_day > %(whole_last)s AND local_day <= %(last)s
    ) AS parted
FROM (
    SELECT by_id, day::date AS day, day::date <= %(whole_last)s AND EXISTS (
        SELECT FROM filtered_days f
        WHERE f.site_id = %(site_id)s AND f.dimension = %(by_dimension)s
            AND f.value_id = value.by_id AND f.kind = 0 AND f.local_day = days.day::date
    ) AND NOT EXISTS (
        SELECT FROM touched_filtered_days t
        WHERE t.site_id = %(site_id)s AND t.day = days.day::date
    ) AS is_closed
    FROM (
        SELECT CASE WHEN %(by_hash)s::uuid IS NULL THEN 0 ELSE (
            SELECT label_id FROM labels
            WHERE site_id = %(site_id)s AND hash = %(by_hash)s) END AS by_id
    ) AS value
    CROSS JOIN generate_series(%(first)s::timestamp, %(last)s::timestamp, INTERVAL '1 day') AS days(day)
) AS days
GROUP BY by_id
