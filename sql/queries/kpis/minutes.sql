-- Grain: one-minute window that has events, in order of time. Columns: as the view kpi_minutes.
-- :site_id int, :start :end timestamptz
SELECT
    window_start, total_users, active_users, new_users, sessions, pageviews, events, revenue,
    revenue_gross, conversions, session_duration_s, bounce_rate, conversion_rate, revenue_per_user
FROM kpi_minutes
WHERE site_id = %(site_id)s AND window_start >= %(start)s AND window_start < %(end)s
ORDER BY window_start
