-- Cohorts computed ahead, saved funnels, and what both are computed with.

-- First local day of the day, ISO week or month that a local day lies in.
CREATE FUNCTION period_start(grain text, day date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE grain WHEN 'day' THEN day ELSE date_trunc(grain, day::timestamp)::date END;

-- Periods from the one that begins on `cohort` to the one that `day` lies in; 0: the same.
CREATE FUNCTION period_number(grain text, cohort date, day date) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE grain
    WHEN 'day' THEN day - cohort
    WHEN 'week' THEN (day - cohort) / 7
    ELSE 12 * (extract(year FROM day) - extract(year FROM cohort))::integer
        + (extract(month FROM day) - extract(month FROM cohort))::integer
END;

-- Bounded retention of all visitors in periods that have ended; rows without anybody are left out.
CREATE TABLE cohort_retention (
    site_id     integer NOT NULL,
    grain       text NOT NULL CHECK (grain IN ('day', 'week', 'month')),
    cohort      date NOT NULL,                     -- first local day of the period of the first event ever
    period      integer NOT NULL,                  -- 0: the cohort's own
    period_day  date NOT NULL,                     -- first local day of the period
    retained    bigint NOT NULL,                   -- members active in it; in period 0: the cohort's size
    revenue_net numeric NOT NULL,                  -- of members in it
    PRIMARY KEY (site_id, grain, cohort, period)
);
CREATE INDEX cohort_retention_day ON cohort_retention (site_id, grain, period_day);

-- How far cohort_retention is computed.
CREATE TABLE cohort_progress (
    site_id  integer NOT NULL,
    grain    text NOT NULL,
    done_day date NOT NULL,                        -- periods that begin before it are stored
    PRIMARY KEY (site_id, grain)
);

-- Days from which on sessions were rewritten; append-only, deleted by the run that read it.
CREATE TABLE touched_cohorts (
    site_id  integer NOT NULL,
    from_day date NOT NULL
);
CREATE INDEX touched_cohorts_site ON touched_cohorts (site_id, from_day);

CREATE TABLE funnels (
    site_id    integer NOT NULL REFERENCES sites ON DELETE CASCADE,
    funnel_id  integer GENERATED ALWAYS AS IDENTITY,
    name       text NOT NULL,
    definition jsonb NOT NULL,                     -- steps, window_s, per, filters, dimension, as the API takes them
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, funnel_id)
);

-- How many funnel steps in a row, beginning after step j, a group of simultaneous events can
-- satisfy, each event one step: four bits for every j from 0 on.
-- singles: bits of the steps that an event of the group, good for no other step, satisfies; multis:
-- of each other event, the bits of the steps it could satisfy. By Hall's theorem steps can be
-- shared out when every subset of them has as many events that satisfy one of the subset.
CREATE FUNCTION funnel_runs(steps integer, singles integer, multis integer[]) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT coalesce(sum(length::bigint << (4 * after)), 0)::bigint
    FROM (
        SELECT after, max(length) AS length
        FROM generate_series(0, steps - 1) AS after
        CROSS JOIN LATERAL generate_series(1, steps - after) AS length
        CROSS JOIN LATERAL (SELECT (((1 << length) - 1) << after) & ~singles AS open) AS span
        WHERE open = 0 OR multis <> '{}' AND NOT EXISTS (
            SELECT FROM generate_series(1, open) AS subset
            WHERE subset & ~open = 0 AND bit_count(subset::bit(16)) > (
                SELECT count(*) FROM unnest(multis) AS mask WHERE mask & subset <> 0))
        GROUP BY after
    ) AS longest
);
