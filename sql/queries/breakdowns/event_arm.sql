-- Grain: event name, of some visitors: how many, and the portions of their sessions, a session being
-- parted by local days.
-- :site_id int, :first :whole_last date, {which}: condition on the visitors, {cut}: more portions
SELECT name_id, count(*) AS visitors, sum(portions) AS portions
FROM (
    SELECT name_id, visitor_id, count(*) AS portions
    FROM (
        SELECT name_id, visitor_id
        FROM session_names
        WHERE site_id = %(site_id)s AND local_day BETWEEN %(first)s AND %(whole_last)s
        {cut}
    ) AS named
    WHERE {which}
    GROUP BY name_id, visitor_id
) AS people
GROUP BY name_id
