-- Grain: one row: whether more sessions of the day that is cut begin before the cut than after it.
-- :site_id int, :last date (holds the cut), :cut timestamptz
SELECT coalesce(sum(sessions) FILTER (WHERE bucket < %(cut)s), 0) * 2 > sum(sessions)
FROM session_quarters
WHERE site_id = %(site_id)s AND local_day = %(last)s
