-- Grain: bucket of an interval, those without events included, of the selected sessions. Follows a
-- WITH that has found (of points_found).
-- :froms timestamptz[] (instants the buckets begin, ascending)
SELECT
    from_at AS bucket, coalesce(sum(visitors), 0)::bigint AS visitors,
    coalesce(sum(new_visitors), 0)::bigint AS new_visitors,
    coalesce(sum(converting_visitors), 0)::bigint AS converting_visitors,
    coalesce(sum(sessions), 0)::bigint AS sessions, coalesce(sum(bounces), 0)::bigint AS bounces,
    coalesce(sum(duration_us), 0)::bigint AS duration_us,
    coalesce(sum(session_pageviews), 0)::bigint AS session_pageviews,
    coalesce(sum(events), 0)::bigint AS events, coalesce(sum(pageviews), 0)::bigint AS pageviews,
    coalesce(sum(conversions), 0)::bigint AS conversions,
    coalesce(sum(purchases), 0)::bigint AS purchases,
    coalesce(sum(revenue_gross), 0) AS revenue_gross, coalesce(sum(revenue_net), 0) AS revenue_net
FROM unnest(%(froms)s::timestamptz[]) WITH ORDINALITY AS b(from_at, ordinal)
LEFT JOIN found USING (ordinal)
GROUP BY ordinal, from_at
ORDER BY ordinal
