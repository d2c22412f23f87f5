-- Events by quarter hour, with and without identity. revenue_*: the site's currency.
-- key: site_id, bucket, local_day
SELECT
    time_bucket(INTERVAL '15 minutes', ts) AS bucket,
    site_id,
    local_day,
    count(*) AS events,
    count(*) FILTER (WHERE kind = 1) AS pageviews,
    count(*) FILTER (WHERE is_conversion) AS conversions,
    count(*) FILTER (WHERE kind = 4) AS purchases,
    coalesce(sum(revenue) FILTER (WHERE kind = 4), 0) AS revenue_gross,
    coalesce(sum(revenue), 0) AS revenue_net
FROM events
GROUP BY time_bucket(INTERVAL '15 minutes', ts), site_id, local_day
