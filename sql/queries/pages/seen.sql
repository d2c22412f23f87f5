-- Pages with their views, and those that sessions of the range entered or left without a view in it
-- (they viewed them after midnight, or after a cut). Follows a WITH that has shares and cut_views of
-- the day that is cut; adds seen, and unseen as far as they are among the first :skip + :most.
-- :site_id int, :first :whole_last date (whole_last: the last day that is not cut), :most :skip int
-- {views_between}: the file
, seen AS (
    SELECT page_id, sum(pageviews)::bigint AS pageviews
    FROM (
        {views_between}
        UNION ALL
        SELECT page_id, pageviews FROM cut_views
    ) AS days
    GROUP BY page_id
),
unseen AS (
    SELECT page_id
    FROM (
        SELECT value_id AS page_id
        FROM session_value_days d
        WHERE d.site_id = %(site_id)s AND d.dimension IN (20, 21)
            AND d.local_day BETWEEN %(first)s AND %(whole_last)s AND d.sessions > 0
        UNION
        SELECT unnest(ARRAY[entry_page_id, exit_page_id])
        FROM shares
        WHERE is_start AND session_pageviews > pageviews
    ) AS ends
    WHERE page_id NOT IN (SELECT page_id FROM seen)
        AND (SELECT count(*) FROM seen) < %(most)s + %(skip)s  -- they come last
)
