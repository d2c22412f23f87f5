-- Visitors, and portions of sessions, by event name. Follows a WITH that has share_names; adds people.
-- {arms}: event_arm for each part of the visitors
, people AS (
    SELECT name_id, sum(visitors)::bigint AS visitors, sum(portions)::bigint AS portions
    FROM ({arms}) AS arms
    GROUP BY name_id
)
