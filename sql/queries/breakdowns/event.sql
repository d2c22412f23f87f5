-- Grain: event name, most events first, from rollups; events without identity included. visitors and
-- sessions (distinct, with identity) from the shares of the listed names alone. Follows a WITH that has
-- share_names and nobody of the day that is cut.
-- :site_id int, :first :whole_last date (whole_last: the last day that is not cut), :most :skip int
, of_cut AS (
    SELECT name_id, sum(events)::bigint AS events, sum(conversions)::bigint AS conversions,
        sum(revenue_net) AS revenue_net, array_agg(visitor_id) AS visitor_ids,
        array_agg(started_at) AS started_ats, array_agg(session_id) AS session_ids
    FROM share_names
    GROUP BY name_id
),
summed AS (
    SELECT name_id, sum(events)::bigint AS events, sum(conversions)::bigint AS conversions,
        sum(revenue_net) AS revenue_net
    FROM (
        SELECT name_id, events, conversions, revenue_net
        FROM event_name_days
        WHERE site_id = %(site_id)s AND local_day BETWEEN %(first)s AND %(whole_last)s
        UNION ALL
        SELECT name_id, events, conversions, revenue_net FROM of_cut
        UNION ALL
        SELECT name_id, 1, is_conversion::int, coalesce(revenue, 0) FROM nobody
    ) AS days
    GROUP BY name_id
),
listed AS (
    SELECT s.*, (sum(events) OVER ())::bigint AS all_events, l.value
    FROM summed s
    JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = s.name_id
    ORDER BY s.events DESC, l.value
    LIMIT %(most)s OFFSET %(skip)s
)
SELECT l.value, n.visitors, n.sessions, l.events, l.all_events, l.conversions, l.revenue_net
FROM listed l
LEFT JOIN of_cut c USING (name_id)
CROSS JOIN LATERAL (
    SELECT count(*) AS visitors, coalesce(sum(sessions), 0)::bigint AS sessions
    FROM (
        SELECT visitor_id, count(*) AS sessions
        FROM (
            SELECT visitor_id, started_at, session_id
            FROM session_names n
            WHERE n.site_id = %(site_id)s AND n.name_id = l.name_id
                AND n.local_day BETWEEN %(first)s AND %(whole_last)s
            UNION
            SELECT * FROM unnest(c.visitor_ids, c.started_ats, c.session_ids)
        ) AS found
        GROUP BY visitor_id
    ) AS people
) AS n
ORDER BY l.events DESC, l.value
