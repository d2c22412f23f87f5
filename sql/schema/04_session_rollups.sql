-- Rollups of what the sessions job rewrites: old rows -1, new rows +1, in the rewriting transaction.

-- Sessions by the quarter hour they start in.
CREATE TABLE session_quarters (
    site_id     integer NOT NULL,
    bucket      timestamptz NOT NULL,
    local_day   date NOT NULL,
    sessions    bigint NOT NULL,
    bounces     bigint NOT NULL,
    duration_us bigint NOT NULL,
    pageviews   bigint NOT NULL,                   -- of these sessions, wherever they fall
    PRIMARY KEY (site_id, bucket)
);
CREATE INDEX session_quarters_day ON session_quarters (site_id, local_day);

-- By first-touch dimension: sessions, bounces, duration and session_pageviews by the day the session
-- starts; the others by the event's day.
CREATE TABLE session_value_days (
    site_id           integer NOT NULL,
    local_day         date NOT NULL,
    dimension         smallint NOT NULL,
    value_id          integer NOT NULL,
    sessions          bigint NOT NULL,
    bounces           bigint NOT NULL,
    duration_us       bigint NOT NULL,
    session_pageviews bigint NOT NULL,
    events            bigint NOT NULL,
    pageviews         bigint NOT NULL,
    conversions       bigint NOT NULL,
    revenue_gross     numeric NOT NULL,
    revenue_net       numeric NOT NULL,
    PRIMARY KEY (site_id, dimension, local_day, value_id)
);

-- Distinct visitors of a local hour; hour_at is the instant it begins.
CREATE TABLE hour_visitors (
    site_id   integer NOT NULL,
    hour_at   timestamptz NOT NULL,
    local_day date NOT NULL,
    visitors  bigint NOT NULL,
    PRIMARY KEY (site_id, hour_at)
);

-- Engaged time and session-visits by page.
CREATE TABLE session_page_days (
    site_id    integer NOT NULL,
    local_day  date NOT NULL,
    page_id    integer NOT NULL,
    visits     bigint NOT NULL,                    -- sessions with a view of the page on the day
    engaged_ms bigint NOT NULL,
    PRIMARY KEY (site_id, local_day, page_id)
);

-- What a filter on one value of a low-cardinality dimension, or on a page viewed, selects of a closed
-- local day: figures of its sessions' shares, by kind and by_id, to be added up. Only values with many
-- sessions on the day; computed by a job, read for the days that nothing touched since. A value that
-- has rows has one of kind 0.
CREATE TABLE filtered_days (
    site_id             integer NOT NULL,
    dimension           smallint NOT NULL,         -- the filter's, as in value_gaps (8: page), and its value
    value_id            integer NOT NULL,
    kind                smallint NOT NULL,         -- 0 the day; 1-6 by a dimension; 7 by local hour; 9 by event name
    local_day           date NOT NULL,
    by_id               integer NOT NULL,          -- value; hour: the instant it begins, in quarter hours since 1970
    sessions            bigint NOT NULL,
    bounces             bigint NOT NULL,
    duration_us         bigint NOT NULL,
    session_pageviews   bigint NOT NULL,
    events              bigint NOT NULL,
    pageviews           bigint NOT NULL,
    conversions         bigint NOT NULL,
    purchases           bigint NOT NULL,
    revenue_gross       numeric NOT NULL,
    revenue_net         numeric NOT NULL,
    visitors            bigint NOT NULL,           -- distinct in the day (hour); kinds 0 and 7 only
    converting_visitors bigint NOT NULL            -- kind 0 only
);
CREATE INDEX filtered_days_value ON filtered_days (site_id, dimension, value_id, kind, local_day);
CREATE INDEX filtered_days_day ON filtered_days (site_id, local_day);

-- The same by page: views of each page.
CREATE TABLE filtered_page_days (
    site_id   integer NOT NULL,
    dimension smallint NOT NULL,
    value_id  integer NOT NULL,
    local_day date NOT NULL,
    page_ids  integer[] NOT NULL,
    views     bigint[] NOT NULL,                   -- of the page at the same place
    PRIMARY KEY (site_id, local_day, dimension, value_id)
);

-- How far filtered_days is computed: all days before done_day.
CREATE TABLE filtered_progress (
    site_id  integer PRIMARY KEY,
    done_day date NOT NULL
);

-- Days whose sessions were rewritten when they had ended, or were about to; append-only, deleted by
-- the run that read them.
CREATE TABLE touched_filtered_days (
    site_id    integer NOT NULL,
    day        date NOT NULL,
    touched_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX touched_filtered_days_day ON touched_filtered_days (site_id, day);
