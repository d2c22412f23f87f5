-- Each new session's share of each local hour.
INSERT INTO run_new_hours
SELECT
    site_id, local_day, session_id, started_at, hour_at, visitor_id, min(ts), max(ts),
    min(ts) FILTER (WHERE is_conversion), count(*),
    count(*) FILTER (WHERE kind = 1), count(*) FILTER (WHERE is_conversion),
    count(*) FILTER (WHERE kind = 4), coalesce(sum(revenue) FILTER (WHERE kind = 4), 0),
    coalesce(sum(revenue), 0)
FROM run_events
GROUP BY site_id, local_day, session_id, started_at, hour_at, visitor_id
