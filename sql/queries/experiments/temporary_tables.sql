-- The scratch tables of a run; they live as long as the connection, their rows as long as the
-- transaction.

CREATE TEMP TABLE IF NOT EXISTS run_experiments (
    site_id integer, experiment_id integer, key text, variants jsonb, goals jsonb,
    starts_at timestamptz, ends_at timestamptz, attribution_window interval, timezone text,
    currency text, raw_from timestamptz, raw_day date
) ON COMMIT DELETE ROWS;

CREATE TEMP TABLE IF NOT EXISTS run_variants (
    site_id integer, experiment_id integer, key text, variant text, starts_at timestamptz,
    ends_at timestamptz, timezone text
) ON COMMIT DELETE ROWS;

CREATE TEMP TABLE IF NOT EXISTS run_goals (
    site_id integer, experiment_id integer, name_id integer, source_id integer, is_counted boolean,
    sign integer, attribution_window interval, currency text, raw_day date
) ON COMMIT DELETE ROWS;

CREATE TEMP TABLE IF NOT EXISTS run_unit_visitors (
    site_id integer, visitor_id bigint
) ON COMMIT DELETE ROWS;

CREATE TEMP TABLE IF NOT EXISTS run_exposures (
    site_id integer, experiment_id integer, visitor_id bigint, exposed_at timestamptz, variant text,
    exposed_day date
) ON COMMIT DELETE ROWS;

CREATE TEMP TABLE IF NOT EXISTS run_old_units (LIKE experiment_units) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_new_units (LIKE experiment_units) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_old_outcomes (LIKE experiment_outcomes) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_new_outcomes (LIKE experiment_outcomes) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_cells (
    site_id integer, experiment_id integer, variant text, country_id integer, device_id integer,
    source_id integer, is_new boolean, name_id integer, day date, visitors bigint, events numeric,
    events_squared numeric, value numeric, value_squared numeric
) ON COMMIT DELETE ROWS;

CREATE TEMP TABLE IF NOT EXISTS run_day_changes (LIKE experiment_days) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS run_segment_changes (LIKE experiment_segments) ON COMMIT DELETE ROWS;
