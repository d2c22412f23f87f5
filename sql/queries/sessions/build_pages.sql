-- Each new session's page views and engaged time by page and local day.
INSERT INTO run_pages
SELECT
    site_id, local_day, session_id, started_at, visitor_id, sum(duration_ms), path_id,
    count(*) FILTER (WHERE kind = 1)
FROM run_events
WHERE kind = 1 OR duration_ms > 0 AND path_id <> 0
GROUP BY site_id, local_day, session_id, started_at, path_id, visitor_id
