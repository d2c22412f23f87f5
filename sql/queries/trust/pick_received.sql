-- Events by when they happened and when they were received; begins a WITH.
-- :site_id int, :happened :received timestamptz[] (of equal length)
WITH picked AS (
    SELECT e.*
    FROM (
        SELECT DISTINCT happened, received
        FROM unnest(%(happened)s::timestamptz[], %(received)s::timestamptz[]) AS u(happened, received)
    ) AS u
    JOIN events e ON e.site_id = %(site_id)s AND e.ts = u.happened AND e.received_at = u.received
)
