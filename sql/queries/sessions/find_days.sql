-- The visitor-days that the run touches, and whether the visitor has days before and after them.
INSERT INTO run_days
SELECT
    d.site_id, d.visitor_id, d.day, coalesce(v.was_first_day < d.day, false),
    v.was_first_day IS NOT NULL AND EXISTS (
        SELECT FROM visitor_days w
        WHERE w.dimension = 0 AND w.site_id = d.site_id AND w.visitor_id = d.visitor_id
            AND w.value_id = 0 AND w.day > d.day)
FROM (SELECT DISTINCT visitor_id, local_day AS day, site_id FROM run_hours) AS d
JOIN run_visitors v USING (site_id, visitor_id)
