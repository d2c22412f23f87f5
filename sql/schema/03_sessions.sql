-- What the sessions job rewrites: sessions and their shares, visitors and their days.

CREATE TABLE sessions (
    site_id           integer NOT NULL,            -- what filters look at comes first: a row is
    visitor_id        bigint NOT NULL,             -- taken apart as far as the last column asked for
    started_at        timestamptz NOT NULL,
    local_day         date NOT NULL,               -- of started_at
    last_day          date NOT NULL,               -- local day of ended_at
    source_id         integer NOT NULL,            -- labels, as every *_id below; 0 = none. First
    channel_id        integer NOT NULL,            -- touch: of the first page view, else event
    country_id        integer NOT NULL,            -- of the first event that has one, as region and city
    device_id         integer NOT NULL,
    browser_id        integer NOT NULL,
    os_id             integer NOT NULL,
    page_ids          integer[] NOT NULL,          -- viewed, ascending
    page_views        integer[] NOT NULL,          -- of the page at the same place
    name_ids          integer[] NOT NULL,          -- of the events, ascending
    name_events       integer[] NOT NULL,          -- of the name at the same place
    local_hour        smallint NOT NULL,
    is_bounce         boolean NOT NULL,            -- one page view, nothing else but exposures and engagement
    session_id        bigint NOT NULL,             -- hash of visitor, session_key and start
    session_key       bigint NOT NULL,
    ended_at          timestamptz NOT NULL,
    hour_at           timestamptz NOT NULL,        -- first hour_at of its session_hours
    last_hour_at      timestamptz NOT NULL,        -- and the last one
    duration_us       bigint NOT NULL,             -- last - first event
    events            integer NOT NULL,
    pageviews         integer NOT NULL,
    conversions       integer NOT NULL,
    purchases         integer NOT NULL,
    entry_page_id     integer NOT NULL,
    exit_page_id      integer NOT NULL,
    revenue_gross     numeric NOT NULL,
    revenue_net       numeric NOT NULL,
    interactions      integer NOT NULL,            -- events but page views, exposures and engagement
    distinct_pages    integer NOT NULL,
    distinct_names    integer NOT NULL,            -- event names but exposures and engagement
    engaged_ms        bigint NOT NULL,
    referrer_id       integer NOT NULL,            -- as source_id; and so on
    utm_source_id     integer NOT NULL,
    utm_medium_id     integer NOT NULL,
    utm_campaign_id   integer NOT NULL,
    utm_term_id       integer NOT NULL,
    utm_content_id    integer NOT NULL,
    region_id         integer NOT NULL,
    city_id           integer NOT NULL,
    language_id       integer NOT NULL,
    screen_id         integer NOT NULL,
    engagement_events   double precision NOT NULL, -- the four parts of the engagement score
    engagement_pages    double precision NOT NULL,
    engagement_minutes  double precision NOT NULL,
    engagement_names    double precision NOT NULL,
    PRIMARY KEY (site_id, visitor_id, started_at, session_id)
        INCLUDE (local_day, last_day, conversions, source_id, channel_id, country_id, device_id,
            browser_id, os_id)                     -- what counts visitors under a filter on one value
) /*partitioned started_at, in halves of visitor_id*/;
CREATE INDEX sessions_started ON sessions (site_id, started_at);
CREATE INDEX sessions_day ON sessions (site_id, local_day);
CREATE INDEX sessions_over_midnight ON sessions (site_id, last_day)
    INCLUDE (local_day, started_at, session_id) WHERE last_day > local_day;

-- A session's share of a local hour. hour_at: the instant the local hour begins.
CREATE TABLE session_hours (
    site_id       integer NOT NULL,
    local_day     date NOT NULL,
    session_id    bigint NOT NULL,
    started_at    timestamptz NOT NULL,            -- of the session
    hour_at       timestamptz NOT NULL,
    visitor_id    bigint NOT NULL,
    first_at      timestamptz NOT NULL,
    last_at       timestamptz NOT NULL,
    converted_at  timestamptz,                     -- first conversion; null: none
    events        integer NOT NULL,
    pageviews     integer NOT NULL,
    conversions   integer NOT NULL,
    purchases     integer NOT NULL,
    revenue_gross numeric NOT NULL,
    revenue_net   numeric NOT NULL,
    PRIMARY KEY (site_id, local_day, session_id, started_at, hour_at) INCLUDE (pageviews)
);
CREATE INDEX session_hours_converted ON session_hours (site_id, local_day) WHERE conversions > 0;
CREATE INDEX session_hours_visitor ON session_hours (site_id, visitor_id, local_day);

CREATE VIEW session_days AS
SELECT
    site_id, local_day, session_id, started_at, visitor_id, min(first_at) AS first_at,
    max(last_at) AS last_at, sum(events) AS events, sum(pageviews) AS pageviews,
    sum(conversions) AS conversions, sum(revenue_gross) AS revenue_gross,
    sum(revenue_net) AS revenue_net
FROM session_hours
GROUP BY site_id, local_day, session_id, started_at, visitor_id;

-- A session's page views and engaged time on a page, by local day; with what counts visitors under a
-- filter on one page.
CREATE TABLE session_pages (
    site_id     integer NOT NULL,
    local_day   date NOT NULL,
    session_id  bigint NOT NULL,
    started_at  timestamptz NOT NULL,
    visitor_id  bigint NOT NULL,
    engaged_ms  bigint NOT NULL,
    page_id     integer NOT NULL,
    views       integer NOT NULL,
    session_day date NOT NULL,                     -- local_day of the session, as all below
    conversions integer NOT NULL,
    source_id   integer NOT NULL,
    channel_id  integer NOT NULL,
    country_id  integer NOT NULL,
    device_id   integer NOT NULL,
    browser_id  integer NOT NULL,
    os_id       integer NOT NULL,
    PRIMARY KEY (site_id, local_day, session_id, started_at, page_id) INCLUDE (views)
);
CREATE INDEX session_pages_page ON session_pages (site_id, page_id, local_day)
    INCLUDE (session_id, started_at, visitor_id, session_day, conversions, source_id, channel_id,
        country_id, device_id, browser_id, os_id) WHERE views > 0;

-- A session's events by name and local day.
CREATE TABLE session_names (
    site_id       integer NOT NULL,
    local_day     date NOT NULL,
    session_id    bigint NOT NULL,
    started_at    timestamptz NOT NULL,
    name_id       integer NOT NULL,
    visitor_id    bigint NOT NULL,
    events        integer NOT NULL,
    conversions   integer NOT NULL,
    revenue_net   numeric NOT NULL,
    PRIMARY KEY (site_id, local_day, session_id, started_at, name_id) INCLUDE (events)
);
CREATE INDEX session_names_name ON session_names (site_id, name_id, local_day)
    INCLUDE (session_id, started_at);

CREATE TABLE visitors (
    site_id    integer NOT NULL,
    visitor_id bigint NOT NULL,
    first_at   timestamptz NOT NULL,
    last_at    timestamptz NOT NULL,
    first_day  date NOT NULL,
    user_id    text,                               -- the newest one seen; null: never named
    PRIMARY KEY (site_id, visitor_id) INCLUDE (first_day)
);
CREATE INDEX visitors_first ON visitors (site_id, first_at);

-- A visitor's active local day per dimension value, with the previous one of the same chain.
-- prev_day null: the first ever. Dimension 0 (the visitor's days as such) is visitor_days.
CREATE TABLE visitor_value_days (
    site_id    integer NOT NULL,
    dimension  smallint NOT NULL,
    value_id   integer NOT NULL,
    visitor_id bigint NOT NULL,
    day        date NOT NULL,
    prev_day   date,
    first_at   timestamptz NOT NULL,               -- first event (conversion) of the day in the chain
    PRIMARY KEY (site_id, visitor_id, dimension, value_id, day)
) PARTITION BY LIST (dimension);
CREATE TABLE visitor_days PARTITION OF visitor_value_days FOR VALUES IN (0);
CREATE TABLE visitor_other_days PARTITION OF visitor_value_days DEFAULT;
CREATE INDEX visitor_days_day ON visitor_days (site_id, day);
CREATE INDEX visitor_other_days_day ON visitor_other_days (site_id, dimension, day, first_at)
    INCLUDE (value_id, prev_day);

-- Visitors by day and previous active day: the distinct visitors of [a, b] are
-- sum(visitors) where day between a and b and (prev_day is null or prev_day < a).
CREATE TABLE value_gaps (
    site_id   integer NOT NULL,
    dimension smallint NOT NULL,
    value_id  integer NOT NULL,
    day       date NOT NULL,
    prev_day  date,
    visitors  bigint NOT NULL,
    UNIQUE NULLS NOT DISTINCT (site_id, dimension, day, prev_day, value_id)
) PARTITION BY LIST (dimension);
CREATE TABLE unique_gaps PARTITION OF value_gaps FOR VALUES IN (0);
CREATE TABLE other_gaps PARTITION OF value_gaps DEFAULT;
