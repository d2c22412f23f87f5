-- Visits and engaged time by page and day: old -1, new +1.
INSERT INTO session_page_days AS p (site_id, local_day, page_id, visits, engaged_ms)
SELECT
    site_id, local_day, page_id, sum(sign * (views > 0)::int), sum(sign * engaged_ms)
FROM (SELECT -1 AS sign, * FROM run_old_pages UNION ALL SELECT 1, * FROM run_pages) AS x
GROUP BY 1, 2, 3
HAVING sum(sign * (views > 0)::int) <> 0 OR sum(sign * engaged_ms) <> 0
ORDER BY 1, 2, 3
ON CONFLICT (site_id, local_day, page_id) DO UPDATE SET
    visits = p.visits + excluded.visits, engaged_ms = p.engaged_ms + excluded.engaged_ms
