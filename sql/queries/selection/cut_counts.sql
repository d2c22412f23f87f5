-- Page views by page and events by name on the day that is cut, before the cut: some rows each, to be
-- added to the days up to :counted_last. Those are all but the day, or the day too, and then what came
-- after the cut is negative. Needs day_shares, of the whole day; adds cut_views and cut_events to a
-- WITH.
-- :site_id int, :cut :side_start :side_end timestamptz (the side of the cut that is counted), :sign int
-- {side}: whether a share is on that side, those that the cut parts with the later one
parted_events AS NOT MATERIALIZED (
    SELECT e.kind, e.path_id, e.name_id
    FROM day_shares s
    JOIN events e ON e.site_id = %(site_id)s AND e.visitor_id = s.visitor_id
        AND e.session_key = s.session_key AND e.ts >= s.first_at AND e.ts < %(cut)s
    WHERE s.first_at < %(cut)s AND s.last_at >= %(cut)s
),
side_nobody AS NOT MATERIALIZED ({nobody}),
cut_views AS NOT MATERIALIZED (
    SELECT page_id, %(sign)s * sum(views) AS pageviews
    FROM (
        SELECT unnest(page_ids) AS page_id, unnest(page_views) AS views FROM day_shares WHERE {side}
    ) AS viewed
    GROUP BY page_id
    UNION ALL
    SELECT path_id, 1 FROM parted_events WHERE kind = 1
    UNION ALL
    SELECT path_id, %(sign)s FROM side_nobody WHERE kind = 1
),
cut_events AS NOT MATERIALIZED (
    SELECT name_id, %(sign)s * sum(events) AS events
    FROM (
        SELECT unnest(name_ids) AS name_id, unnest(name_events) AS events
        FROM day_shares WHERE {side}
    ) AS named
    GROUP BY name_id
    UNION ALL
    SELECT name_id, 1 FROM parted_events
    UNION ALL
    SELECT name_id, %(sign)s FROM side_nobody
)
