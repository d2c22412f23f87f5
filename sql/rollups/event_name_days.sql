-- Events by name and day, with and without identity. revenue_net: the site's currency.
-- key: site_id, local_day, name_id, bucket
SELECT
    time_bucket(INTERVAL '1 day', ts) AS bucket,
    site_id,
    local_day,
    name_id,
    count(*) AS events,
    count(*) FILTER (WHERE is_conversion) AS conversions,
    coalesce(sum(revenue), 0) AS revenue_net
FROM events
GROUP BY time_bucket(INTERVAL '1 day', ts), site_id, local_day, name_id
