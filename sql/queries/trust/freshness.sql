-- Grain: one row. waiting_*: receipt of the oldest event that a report does not hold yet; null: none
-- waits. written_until: everything received before it is stored; null: the writer has never run.
-- :site_id int, :shard int
SELECT
    now() AS asked_at,
    (SELECT written_until FROM writer_progress WHERE shard = %(shard)s) AS written_until,
    (SELECT min(received_at) FROM touched_visitors WHERE site_id = %(site_id)s) AS waiting_sessions,
    (SELECT min(received_at) FROM touched_batches WHERE site_id = %(site_id)s) AS waiting_rollups,
    (SELECT count(*) FROM touched_minutes WHERE site_id = %(site_id)s) AS waiting_minutes,
    (SELECT count(*) FROM touched_cohorts WHERE site_id = %(site_id)s) AS waiting_cohorts,
    (SELECT count(*) FROM touched_units WHERE site_id = %(site_id)s) AS waiting_units,
    (SELECT max(day) FROM kpi_trends WHERE site_id = %(site_id)s) AS trends_day
