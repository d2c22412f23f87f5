-- Raw events and the machinery that makes each of them count exactly once.

CREATE TABLE events (
    site_id         integer NOT NULL,
    local_day       date NOT NULL,                 -- of ts in the site's zone at write time
    local_hour      smallint NOT NULL,             -- 0-23, same zone
    local_weekday   smallint NOT NULL,             -- ISO, 1 = Monday, same zone
    kind            smallint NOT NULL,             -- 1 page_view, 2 engagement, 3 experiment_exposure, 4 purchase, 5 refund, 0 other
    is_conversion   boolean NOT NULL,              -- matched a goal when written
    is_high_value   boolean NOT NULL,              -- value reached the site's threshold
    is_browser      boolean NOT NULL,
    ts              timestamptz NOT NULL,
    received_at     timestamptz NOT NULL,
    batch_seq       bigint NOT NULL,               -- the writer's transaction
    session_key     bigint NOT NULL,               -- of the sender's session_id; 0 = none
    name_id         integer NOT NULL,              -- labels, as every *_id below; 0 = unknown
    hostname_id     integer NOT NULL,
    path_id         integer NOT NULL,
    title_id        integer NOT NULL,
    referrer_id     integer NOT NULL,
    source_id       integer NOT NULL,
    channel_id      integer NOT NULL,
    utm_source_id   integer NOT NULL,
    utm_medium_id   integer NOT NULL,
    utm_campaign_id integer NOT NULL,
    utm_term_id     integer NOT NULL,
    utm_content_id  integer NOT NULL,
    country_id      integer NOT NULL,
    region_id       integer NOT NULL,
    city_id         integer NOT NULL,
    device_id       integer NOT NULL,
    browser_id      integer NOT NULL,
    os_id           integer NOT NULL,
    language_id     integer NOT NULL,
    screen_id       integer NOT NULL,
    duration_ms     integer NOT NULL,              -- engaged time; 0 = none
    visitor_id      bigint,                        -- null: counts in totals, not in people
    value           numeric,                       -- as sent
    revenue         numeric,                       -- purchase: value; refund: -|value|; null: none, or another currency
    currency        text,                          -- null: the site's
    event_id        text COLLATE "C" NOT NULL,     -- the sender's, or made by the API; breaks ties in time
    user_id         text,
    session_id      text,                          -- the sender's
    properties      jsonb
) /*partitioned ts*/;

CREATE INDEX events_visitor ON events (site_id, visitor_id, ts) WHERE visitor_id IS NOT NULL;
CREATE INDEX events_time ON events (site_id, ts);
CREATE INDEX events_nobody ON events (site_id, ts) WHERE visitor_id IS NULL;
CREATE INDEX events_batch ON events USING brin (batch_seq) WITH (pages_per_range = 16);

CREATE SEQUENCE batch_seq;

-- Stream entries that are written; a redelivered one is skipped.
CREATE TABLE batch_ledger (
    batch_id   text PRIMARY KEY,
    written_at timestamptz NOT NULL DEFAULT now()
);

-- Client event ids that were seen; pruned with the raw events.
CREATE TABLE seen_events (
    site_id integer NOT NULL,
    hash    uuid NOT NULL,                         -- 128 bits of name space and event_id
    ts      timestamptz NOT NULL,
    PRIMARY KEY (site_id, hash)
);

CREATE TABLE dead_letters (
    dead_letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id        integer,
    batch_id       text NOT NULL,
    failed_at      timestamptz NOT NULL DEFAULT now(),
    error          text NOT NULL,
    event          bytea NOT NULL                  -- one encoded CollectedEvent, or a whole undecodable entry
);

-- What the sessions of a visitor must be recomputed for; append-only, deleted by the run that read it.
CREATE TABLE touched_visitors (
    shard       smallint NOT NULL,
    site_id     integer NOT NULL,
    visitor_id  bigint NOT NULL,
    session_key bigint NOT NULL,
    from_at     timestamptz NOT NULL,
    to_at       timestamptz NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE INDEX touched_visitors_shard ON touched_visitors (shard);

-- Writer transactions whose events are not in the rollups of events yet.
CREATE TABLE touched_batches (
    batch_seq   bigint NOT NULL,
    site_id     integer NOT NULL,
    from_at     timestamptz NOT NULL,
    to_at       timestamptz NOT NULL,
    received_at timestamptz NOT NULL
);

-- How far each stream shard is written: everything received before it is in the events.
CREATE TABLE writer_progress (
    shard         smallint PRIMARY KEY,
    written_until timestamptz NOT NULL
);

-- What happened to a site's events, by minute of receipt; written with them.
CREATE TABLE intake_minutes (
    site_id   integer NOT NULL,
    minute    timestamptz NOT NULL,
    outcome   text NOT NULL,                       -- stored, duplicate, late, dead_letter
    events    bigint NOT NULL,
    PRIMARY KEY (site_id, minute, outcome)
);
