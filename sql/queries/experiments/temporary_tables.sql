-- The scratch tables of a run; they live as long as the connection, their rows as long as the
-- transaction.

CREATE TEMP TABLE IF NOT EXISTS run_units (LIKE experiment_units) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_outcomes (LIKE experiment_outcomes) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_cells (
    site_id integer, experiment_id integer, variant text, country_id integer, device_id integer,
    source_id integer, is_new boolean, name_id integer, day date, visitors bigint, events numeric,
    events_squared numeric, value numeric, value_squared numeric
) ON COMMIT DELETE ROWS;

CREATE TEMP TABLE IF NOT EXISTS run_day_changes (LIKE experiment_days) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_segment_changes (LIKE experiment_segments) ON COMMIT DELETE ROWS;
