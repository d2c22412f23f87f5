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
