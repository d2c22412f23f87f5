-- The run's visitors, as stored (was_*; null: a new one) and as they will be. Bounds widen to what
-- was found; those of a visitor that lost an end are looked up afterwards.
INSERT INTO run_visitors
SELECT
    r.site_id, r.visitor_id, v.first_at, v.last_at, v.first_day, v.user_id,
    least(v.first_at, r.first_at), greatest(v.last_at, r.last_at),
    least(v.first_day, r.first_day), coalesce(u.user_id, v.user_id),
    NOT coalesce(
        r.first_at <= r.old_first_at AND r.last_at >= r.old_last_at
            AND r.first_day <= r.old_first_day,
        r.old_first_at IS NULL)
FROM (
    SELECT
        site_id, visitor_id, min(first_at) FILTER (WHERE state > 0) AS first_at,
        max(last_at) FILTER (WHERE state > 0) AS last_at,
        min(local_day) FILTER (WHERE state > 0) AS first_day,
        min(first_at) FILTER (WHERE state < 0) AS old_first_at,
        max(last_at) FILTER (WHERE state < 0) AS old_last_at,
        min(local_day) FILTER (WHERE state < 0) AS old_first_day
    FROM run_hours
    GROUP BY visitor_id, site_id
) AS r
LEFT JOIN LATERAL (
    SELECT * FROM visitors x WHERE x.site_id = r.site_id AND x.visitor_id = r.visitor_id
    OFFSET 0
) AS v ON true
LEFT JOIN (
    SELECT DISTINCT ON (visitor_id, site_id) site_id, visitor_id, user_id
    FROM run_events WHERE user_id IS NOT NULL
    ORDER BY visitor_id, site_id, ts DESC, session_key, pos DESC
) AS u ON u.site_id = r.site_id AND u.visitor_id = r.visitor_id
