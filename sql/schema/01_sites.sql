-- Who is measured, and who may ask. Applied once, by migration 0001, on both engines.

-- A zone's offset from UTC in seconds.
CREATE FUNCTION utc_offset(at timestamptz, timezone text) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
RETURN extract(epoch FROM (at AT TIME ZONE timezone) - (at AT TIME ZONE 'UTC'))::integer;

-- The rules of a zone from 2000 to 2100 as this server knows them, as a TZif file (RFC 9636).
-- Python takes them from here: its own copy, which is updated at another time, would put instants on
-- other days than AT TIME ZONE does. Raises invalid_parameter_value for a name that is no zone.
CREATE FUNCTION zone_rules(timezone text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
WITH days AS (
    SELECT at
    FROM generate_series(
        timestamptz '2000-01-01 00:00+00', timestamptz '2100-01-01 00:00+00', INTERVAL '24 hours') AS at
    WHERE utc_offset(at, timezone) <> utc_offset(at + INTERVAL '24 hours', timezone)
),
hours AS (
    SELECT h.at
    FROM days d
    CROSS JOIN generate_series(d.at, d.at + INTERVAL '23 hours', INTERVAL '1 hour') AS h(at)
    WHERE utc_offset(h.at, timezone) <> utc_offset(h.at + INTERVAL '1 hour', timezone)
),
changes AS (
    SELECT m.at
    FROM hours h
    CROSS JOIN generate_series(
        h.at + INTERVAL '1 minute', h.at + INTERVAL '1 hour', INTERVAL '1 minute') AS m(at)
    WHERE utc_offset(m.at - INTERVAL '1 minute', timezone) <> utc_offset(m.at, timezone)
),
periods AS (  -- the first is before all changes
    SELECT at, utc_offset(at, timezone) AS offset_s FROM changes
    UNION ALL
    SELECT '-infinity', utc_offset('2000-01-01 00:00+00', timezone)
),
kinds AS (
    SELECT offset_s, row_number() OVER (ORDER BY min(at)) - 1 AS kind FROM periods GROUP BY offset_s
),
parts AS (
    SELECT
        (SELECT count(*) FROM changes)::integer AS changes, (SELECT count(*) FROM kinds)::integer AS kinds,
        (SELECT string_agg(
            int8send(extract(epoch FROM at)::bigint), ''::bytea ORDER BY at) FROM changes) AS instants,
        (SELECT string_agg(set_byte('\x00', 0, kind::integer), ''::bytea ORDER BY at)
            FROM periods JOIN kinds USING (offset_s) WHERE at <> '-infinity') AS kind_of_each,
        (SELECT string_agg(int4send(offset_s) || '\x0000'::bytea, ''::bytea ORDER BY kind) FROM kinds)
            AS offsets
)
SELECT
    version || int4send(0) || int4send(0) || int4send(0) || int4send(0) || int4send(1) || int4send(1)
        || int4send(0) || '\x000000'  -- the block that version 1 had holds nothing
    || version || int4send(0) || int4send(0) || int4send(0) || int4send(changes) || int4send(kinds)
        || int4send(1)
    || coalesce(instants, '') || coalesce(kind_of_each, '') || offsets
    || '\x00'  -- no names
    || '\x0a0a'  -- and no rule for later
FROM parts
CROSS JOIN (SELECT convert_to('TZif2', 'UTF8') || decode(repeat('00', 15), 'hex') AS version) AS v
$$;

CREATE TABLE sites (
    site_id              integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug                 text UNIQUE,              -- null while days are being rebuilt, or deleted
    name                 text NOT NULL,
    timezone             text NOT NULL,            -- IANA
    zone_rules           bytea NOT NULL,           -- of its zone, as its days are built by them
    currency             text NOT NULL DEFAULT 'USD',   -- ISO 4217
    session_gap_s        integer NOT NULL DEFAULT 1800 CHECK (session_gap_s > 0),
    allowed_origins      text[] NOT NULL DEFAULT '{}',
    retention_days       integer CHECK (retention_days > 0),  -- null: raw events are kept
    raw_from             timestamptz,              -- no raw event before it; null: no limit
    high_value_threshold numeric,                  -- null: no event is high value
    respects_dnt         boolean NOT NULL DEFAULT true,
    identity_key         bytea NOT NULL,           -- secret of the visitor hash
    created_at           timestamptz NOT NULL DEFAULT now(),
    deleted_at           timestamptz,              -- null: in use; otherwise a job deletes all it holds
    -- The number that the slug points to since its zone changed; events may still name this one.
    moved_to             integer REFERENCES sites ON DELETE CASCADE
);

-- Sites whose days are being built in another zone, under a new number.
CREATE TABLE zone_changes (
    site_id       integer PRIMARY KEY REFERENCES sites ON DELETE CASCADE,  -- the slug's
    new_site_id   integer REFERENCES sites ON DELETE SET NULL,
    timezone      text NOT NULL,                   -- IANA
    requested_at  timestamptz NOT NULL DEFAULT now(),
    done_seq      bigint NOT NULL DEFAULT 0,       -- events of writer transactions up to it are copied
    until_seq     bigint,                          -- the running round copies up to it; null: none runs
    copied_to     timestamptz,                     -- the round has copied what lies before it
    copied_events bigint NOT NULL DEFAULT 0,
    has_seen      boolean NOT NULL DEFAULT false   -- client event ids are copied, but for the newest
);

CREATE TABLE api_keys (
    key_id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id      integer REFERENCES sites ON DELETE CASCADE,  -- null: all sites
    scope        text NOT NULL CHECK (scope IN ('collect', 'read', 'admin')),
    name         text NOT NULL DEFAULT '',
    prefix       text NOT NULL,                    -- first characters, to tell keys apart
    hash         bytea NOT NULL UNIQUE,            -- SHA-256 of the key
    created_at   timestamptz NOT NULL DEFAULT now(),
    revoked_at   timestamptz
);

CREATE TABLE users (
    user_id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login         text NOT NULL UNIQUE,
    password_hash text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE goals (
    site_id    integer NOT NULL REFERENCES sites ON DELETE CASCADE,
    goal_id    integer GENERATED ALWAYS AS IDENTITY,
    event      text NOT NULL,                      -- an event of this name is a conversion
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, goal_id),
    UNIQUE (site_id, event)
);

-- What people noted about a local day, shown as a flag on the traffic chart.
CREATE TABLE annotations (
    site_id       integer NOT NULL REFERENCES sites ON DELETE CASCADE,
    annotation_id integer GENERATED ALWAYS AS IDENTITY,
    day           date NOT NULL,
    text          text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, annotation_id)
);

-- The first 128 bits of a text's SHA-256: nobody makes two texts that share them.
CREATE FUNCTION label_hash(value text) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN encode(substring(sha256(convert_to(value, 'UTF8')) FOR 16), 'hex')::uuid;

-- High-cardinality text, stored once a site and referred to by id. Ids start at 1; 0 means none.
CREATE TABLE labels (
    site_id  integer NOT NULL,
    label_id integer GENERATED ALWAYS AS IDENTITY,
    hash     uuid NOT NULL,                        -- label_hash of value
    value    text NOT NULL,
    PRIMARY KEY (site_id, label_id),
    UNIQUE (site_id, hash)
);

-- What a breakdown may be asked for; is_low: exact uniques of any range come from value_gaps.
CREATE TABLE dimensions (
    dimension smallint PRIMARY KEY,
    name      text NOT NULL UNIQUE,
    is_low    boolean NOT NULL
);

INSERT INTO dimensions VALUES
    (0, 'all', true), (1, 'source', true), (2, 'channel', true), (3, 'country', true),
    (4, 'device', true), (5, 'browser', true), (6, 'os', true), (9, 'converted', true),
    (10, 'referrer', false), (11, 'utm_source', false), (12, 'utm_medium', false),
    (13, 'utm_campaign', false), (14, 'utm_term', false), (15, 'utm_content', false),
    (16, 'region', false), (17, 'city', false), (18, 'language', false), (19, 'screen', false),
    (20, 'entry_page', false), (21, 'exit_page', false);
