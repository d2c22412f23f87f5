-- Grain: hour of receipt and outcome (stored, duplicate, late, dead_letter), only where there are any.
-- :site_id int, :timezone text, :since timestamptz
SELECT date_trunc('hour', minute, %(timezone)s) AS hour_at, outcome, sum(events)::bigint AS events
FROM intake_minutes
WHERE site_id = %(site_id)s AND minute >= %(since)s
GROUP BY 1, 2
ORDER BY 1, 2
