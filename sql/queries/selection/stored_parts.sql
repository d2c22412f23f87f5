-- The parts that are stored for a value.
-- :site_id int, :by_dimension smallint, :by_id int, :closed_days date[], :kinds smallint[]
SELECT
    dimension, value_id, kind, local_day, by_id, sessions, bounces, duration_us, session_pageviews,
    events, pageviews, conversions, purchases, revenue_gross, revenue_net, visitors,
    converting_visitors
FROM filtered_days
WHERE site_id = %(site_id)s AND dimension = %(by_dimension)s AND value_id = %(by_id)s
    AND kind = ANY(%(kinds)s::smallint[]) AND local_day = ANY(%(closed_days)s::date[])
UNION ALL
SELECT
    dimension, value_id, 8, NULL, page_id, 0, 0, 0, 0, 0, sum(viewed)::bigint, 0, 0, 0, 0, 0, 0
FROM filtered_page_days
CROSS JOIN LATERAL unnest(page_ids, views) AS p(page_id, viewed)
WHERE site_id = %(site_id)s AND dimension = %(by_dimension)s AND value_id = %(by_id)s
    AND 8 = ANY(%(kinds)s::smallint[]) AND local_day = ANY(%(closed_days)s::date[])
GROUP BY dimension, value_id, page_id
