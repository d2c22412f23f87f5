-- event_page_days by week, so that a long range reads few rows. local_week: the local day (a Monday)
-- that the week begins with.
-- key: site_id, local_week, page_id, bucket
-- from: event_page_days
SELECT
    time_bucket(INTERVAL '7 days', bucket) AS bucket,
    site_id,
    date_trunc('week', local_day::timestamp)::date AS local_week,
    page_id,
    sum(pageviews)::bigint AS pageviews
FROM event_page_days
GROUP BY
    time_bucket(INTERVAL '7 days', bucket), site_id, date_trunc('week', local_day::timestamp)::date,
    page_id
