-- Page views by page and events by name on the day that is cut, before the cut: hours, and events of
-- the hour that holds the cut. Some rows each, to be added up; adds cut_views and cut_events to a WITH.
-- :site_id int, :last date (holds the cut), :last_start :cut timestamptz (last_start: when that day begins)
hour_events AS NOT MATERIALIZED (
    SELECT kind, path_id, name_id
    FROM events
    WHERE site_id = %(site_id)s AND ts < %(cut)s AND ts >= greatest(
        time_bucket(INTERVAL '1 hour', %(cut)s::timestamptz), %(last_start)s::timestamptz)
),
cut_views AS NOT MATERIALIZED (
    SELECT page_id, pageviews
    FROM event_page_hours
    WHERE site_id = %(site_id)s AND local_day = %(last)s
        AND bucket < time_bucket(INTERVAL '1 hour', %(cut)s::timestamptz)
    UNION ALL
    SELECT path_id, count(*) FROM hour_events WHERE kind = 1 GROUP BY path_id
),
cut_events AS NOT MATERIALIZED (
    SELECT name_id, events
    FROM event_name_hours
    WHERE site_id = %(site_id)s AND local_day = %(last)s
        AND bucket < time_bucket(INTERVAL '1 hour', %(cut)s::timestamptz)
    UNION ALL
    SELECT name_id, count(*) FROM hour_events GROUP BY name_id
)
