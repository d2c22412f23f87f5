-- First and last sight and user id of the known visitors of which they changed.
UPDATE visitors v SET
    first_at = r.first_at, last_at = r.last_at, first_day = r.first_day, user_id = r.user_id
FROM run_visitors r
WHERE v.site_id = r.site_id AND v.visitor_id = r.visitor_id AND r.first_at IS NOT NULL
    AND (r.first_at, r.last_at, r.first_day, r.user_id)
        IS DISTINCT FROM (r.was_first_at, r.was_last_at, r.was_first_day, r.was_user_id)
