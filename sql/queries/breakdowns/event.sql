-- Grain: event name, most events first, from rollups; events without identity included. visitors and
-- sessions: distinct, with identity. again: the portions of sessions that have one before. Follows a
-- WITH that has people, and share_names and nobody of the day that is cut.
-- :site_id int, :first :last :whole_last date (whole_last: the last day that is not cut), :most :skip int
, summed AS (
    SELECT name_id, sum(events)::bigint AS events, sum(conversions)::bigint AS conversions,
        sum(revenue_net) AS revenue_net
    FROM (
        SELECT name_id, events, conversions, revenue_net
        FROM event_name_days
        WHERE site_id = %(site_id)s AND local_day BETWEEN %(first)s AND %(whole_last)s
        UNION ALL
        SELECT name_id, events, conversions, revenue_net FROM share_names
        UNION ALL
        SELECT name_id, 1, is_conversion::int, coalesce(revenue, 0) FROM nobody
    ) AS days
    GROUP BY name_id
),
again AS (
    SELECT name_id, sum(portions - 1)::bigint AS portions
    FROM sessions s
    CROSS JOIN LATERAL (
        SELECT name_id, count(*) AS portions
        FROM (
            SELECT name_id
            FROM session_names n
            WHERE n.site_id = %(site_id)s AND n.local_day = ANY(ARRAY(
                SELECT day::date
                FROM generate_series(
                    greatest(s.local_day, %(first)s)::timestamp,
                    least(s.last_day, %(whole_last)s)::timestamp, INTERVAL '1 day') AS day))
                AND n.session_id = s.session_id AND n.started_at = s.started_at
            UNION ALL
            SELECT name_id
            FROM share_names c
            WHERE c.session_id = s.session_id AND c.started_at = s.started_at
        ) AS days
        GROUP BY name_id
    ) AS named
    WHERE s.site_id = %(site_id)s AND s.last_day > s.local_day AND s.last_day >= %(first)s
        AND s.local_day <= %(last)s
    GROUP BY name_id
)
SELECT l.value, coalesce(p.visitors, 0) AS visitors,
    coalesce(p.portions, 0) - coalesce(a.portions, 0) AS sessions,
    s.events, (sum(s.events) OVER ())::bigint AS all_events, s.conversions, s.revenue_net
FROM summed s
JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.name_id
LEFT JOIN people p USING (name_id)
LEFT JOIN again a USING (name_id)
ORDER BY s.events DESC, l.value
LIMIT %(most)s OFFSET %(skip)s
