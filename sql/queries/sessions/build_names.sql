-- Each new session's events by name and local day.
INSERT INTO run_new_names
SELECT
    site_id, local_day, session_id, started_at, name_id, visitor_id, count(*),
    count(*) FILTER (WHERE is_conversion), coalesce(sum(revenue), 0)
FROM run_events
GROUP BY site_id, local_day, session_id, started_at, name_id, visitor_id
