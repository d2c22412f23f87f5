-- Experiments: their definitions, who was exposed to what, and what came of it.

CREATE TABLE experiments (
    site_id              integer NOT NULL REFERENCES sites ON DELETE CASCADE,
    experiment_id        integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    key                  text NOT NULL,
    name                 text NOT NULL,
    variants             jsonb NOT NULL,           -- [{"key", "weight"}], control among them
    control              text NOT NULL,            -- key of a variant
    goals                jsonb NOT NULL,           -- [{"event", "metric", "role", "direction"}], one primary
    starts_at            timestamptz,              -- exposures before it do not count; null: all do
    ends_at              timestamptz,              -- exposures at or after it do not count
    attribution_window_s bigint CHECK (attribution_window_s > 0),  -- null: unlimited
    created_at           timestamptz NOT NULL DEFAULT now(),
    revision             integer NOT NULL DEFAULT 1,  -- grows with every change
    needs_rebuild        boolean NOT NULL DEFAULT true,  -- all units must be found anew
    -- First local day whose results are out of date; null: none, -infinity: all, infinity: only the
    -- segments of the newest.
    changed_from         date DEFAULT '-infinity',
    PRIMARY KEY (site_id, key)
);

CREATE TABLE experiment_changes (
    site_id       integer NOT NULL,
    experiment_id integer NOT NULL REFERENCES experiments (experiment_id) ON DELETE CASCADE,
    changed_at    timestamptz NOT NULL DEFAULT now(),
    field         text NOT NULL,                   -- column of experiments
    old           jsonb,
    new           jsonb
);
CREATE INDEX experiment_changes_experiment ON experiment_changes (site_id, experiment_id);

-- Visitors of sites with experiments whose sessions were rebuilt; append-only, deleted by the run
-- that read them.
CREATE TABLE touched_units (
    site_id    integer NOT NULL,
    visitor_id bigint NOT NULL
);

CREATE INDEX events_exposures ON events (site_id, visitor_id) WHERE kind = 3;

-- A visitor who was exposed: to one variant, or to several (variant null: excluded). Country, device
-- and source are those of the session of the first exposure.
CREATE TABLE experiment_units (
    site_id       integer NOT NULL,
    experiment_id integer NOT NULL,
    visitor_id    bigint NOT NULL,
    variant       text,
    exposed_at    timestamptz NOT NULL,            -- first exposure
    exposed_day   date NOT NULL,                   -- its local day
    country_id    integer NOT NULL,                -- labels; 0 = unknown
    device_id     integer NOT NULL,
    source_id     integer NOT NULL,
    is_new        boolean NOT NULL,                -- seen for the first time on exposed_day
    PRIMARY KEY (site_id, experiment_id, visitor_id)
);

-- Events of a unit at or after its first exposure that a goal asks for, by local day. Money is in
-- the site's currency; refunds are taken off the purchases, on the refund's day.
CREATE TABLE experiment_outcomes (
    site_id       integer NOT NULL,
    experiment_id integer NOT NULL,
    visitor_id    bigint NOT NULL,
    name_id       integer NOT NULL,                -- labels: the goal's event
    day           date NOT NULL,
    events        bigint NOT NULL,
    value         numeric NOT NULL,
    PRIMARY KEY (site_id, experiment_id, visitor_id, name_id, day)
);

-- What each local day added to an arm; summed up to a day it is the arm as it stood at its end.
-- Squares are of a visitor's total, exact, so that m2 = sum of squares - square of the sum / n loses
-- no digit in numeric. name_id 0: the visitors themselves (exposed); variant '': exposed to several.
CREATE TABLE experiment_days (
    site_id        integer NOT NULL,
    experiment_id  integer NOT NULL,
    variant        text NOT NULL,
    name_id        integer NOT NULL,
    day            date NOT NULL,
    visitors       bigint NOT NULL,                -- exposed, or those with their first such event
    events         numeric NOT NULL,
    events_squared numeric NOT NULL,
    value          numeric NOT NULL,
    value_squared  numeric NOT NULL,
    PRIMARY KEY (site_id, experiment_id, variant, name_id, day)
);

-- The same over all days, by a property of the unit.
CREATE TABLE experiment_segments (
    site_id        integer NOT NULL,
    experiment_id  integer NOT NULL,
    dimension      text NOT NULL,                  -- country, device, source, visitor
    value_id       integer NOT NULL,               -- labels, 0 = unknown; visitor: 1 new, 0 returning
    variant        text NOT NULL,
    name_id        integer NOT NULL,
    visitors       bigint NOT NULL,
    events         numeric NOT NULL,
    events_squared numeric NOT NULL,
    value          numeric NOT NULL,
    value_squared  numeric NOT NULL,
    PRIMARY KEY (site_id, experiment_id, dimension, value_id, variant, name_id)
);

-- The estimates as they stood at the end of a local day, by what is known now. The newest row of an
-- experiment also has its whole result.
CREATE TABLE experiment_results (
    site_id       integer NOT NULL,
    experiment_id integer NOT NULL REFERENCES experiments (experiment_id) ON DELETE CASCADE,
    day           date NOT NULL,
    estimates     jsonb NOT NULL,                  -- one per variant and goal
    result        jsonb,                           -- arms, comparisons, verdict; null: an older day
    computed_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, experiment_id, day)
);

-- What an experiment on an event would need, from the site's last 28 complete local days.
CREATE TABLE experiment_plans (
    site_id     integer NOT NULL REFERENCES sites ON DELETE CASCADE,
    event       text NOT NULL,
    metric      text NOT NULL,                     -- conversion, count, value
    plan        jsonb NOT NULL,
    computed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, event, metric)
);
