-- Takes out the pages of the sessions that were taken out.
WITH removed AS (
    DELETE FROM session_pages x
    USING run_old_days o
    WHERE x.site_id = o.site_id AND x.session_id = o.session_id AND x.started_at = o.started_at
        AND x.local_day = o.local_day
    RETURNING x.site_id, x.local_day, x.session_id, x.started_at, x.visitor_id, x.engaged_ms,
        x.page_id, x.views
)
INSERT INTO run_old_pages SELECT * FROM removed
