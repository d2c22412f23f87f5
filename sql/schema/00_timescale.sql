-- TimescaleDB only: chunks are made by the extension.

CREATE FUNCTION ensure_month(month date) RETURNS void LANGUAGE sql AS 'SELECT';

-- Sites whose oldest raw events are gone. What the rollups of events counted of them is in tables
-- NAME_kept; the aggregates NAME_live are read from the day on.
CREATE TABLE rollup_bounds (
    site_id integer PRIMARY KEY,
    raw_from timestamptz NOT NULL,                 -- the raw events before it are counted in NAME_kept
    day      date NOT NULL                         -- the local day that begins then
);
