-- One-minute KPI windows, KPI trends, segments, changed goals, and the shape other tools expect.

-- Minutes whose events must be counted again; append-only, deleted by the run that read it.
CREATE TABLE touched_minutes (
    site_id integer NOT NULL,
    minute  timestamptz NOT NULL
);

-- A minute's events, with and without identity; recounted whole when one is added.
CREATE TABLE event_minutes (
    site_id             integer NOT NULL,
    minute              timestamptz NOT NULL,      -- the instant it begins
    active_visitors     integer NOT NULL,
    converting_visitors integer NOT NULL,
    events              integer NOT NULL,
    pageviews           integer NOT NULL,
    conversions         integer NOT NULL,
    revenue_gross       numeric NOT NULL,
    revenue_net         numeric NOT NULL,
    PRIMARY KEY (site_id, minute)
);

-- Sessions that start in a minute and visitors first seen in it: old rows -1, new rows +1, in the
-- transaction that rewrites the sessions.
CREATE TABLE session_minutes (
    site_id      integer NOT NULL,
    minute       timestamptz NOT NULL,
    sessions     bigint NOT NULL,
    bounces      bigint NOT NULL,
    duration_us  bigint NOT NULL,
    new_visitors bigint NOT NULL,
    PRIMARY KEY (site_id, minute)
);

CREATE INDEX unique_gaps_new ON unique_gaps (site_id, day) WHERE prev_day IS NULL;

-- One-minute windows that have events. Rates 0-1, null when undefined; revenue in the site's
-- currency, net of refunds (revenue_gross: purchases alone).
-- total_users: visitors first seen by the window's end. sessions, session_duration_s (mean) and
-- bounce_rate: of sessions that start in the window, up to their end. conversion_rate: visitors with
-- a conversion in the window / active_users.
CREATE VIEW kpi_minutes AS
SELECT
    e.site_id, e.minute AS window_start,
    earlier.visitors + today.visitors AS total_users,
    e.active_visitors AS active_users,
    coalesce(s.new_visitors, 0) AS new_users,
    coalesce(s.sessions, 0) AS sessions,
    e.pageviews, e.events, e.revenue_net AS revenue, e.revenue_gross, e.conversions,
    s.duration_us / 1e6::float8 / nullif(s.sessions, 0) AS session_duration_s,
    s.bounces::float8 / nullif(s.sessions, 0) AS bounce_rate,
    e.converting_visitors::float8 / nullif(e.active_visitors, 0) AS conversion_rate,
    e.revenue_net / nullif(e.active_visitors, 0) AS revenue_per_user
FROM event_minutes e
JOIN sites USING (site_id)
LEFT JOIN session_minutes s USING (site_id, minute)
CROSS JOIN LATERAL (
    SELECT day, midnight - CASE  -- where clocks go back at 01:00, midnight comes twice
        WHEN ((midnight - INTERVAL '1 hour') AT TIME ZONE timezone)::date = day THEN INTERVAL '1 hour'
        ELSE INTERVAL '0' END AS begins
    FROM (
        SELECT (e.minute AT TIME ZONE timezone)::date AS day,
            date_trunc('day', e.minute, timezone) AS midnight
    ) AS d
) AS local
CROSS JOIN LATERAL (
    SELECT coalesce(sum(visitors), 0)::bigint AS visitors
    FROM unique_gaps g
    WHERE g.site_id = e.site_id AND g.dimension = 0 AND g.prev_day IS NULL AND g.day < local.day
) AS earlier
CROSS JOIN LATERAL (
    SELECT coalesce(sum(new_visitors), 0)::bigint AS visitors
    FROM session_minutes n
    WHERE n.site_id = e.site_id AND n.minute BETWEEN local.begins AND e.minute
) AS today;

-- Where a KPI is going, from the 28 complete local days before `day`.
CREATE TABLE kpi_trends (
    site_id integer NOT NULL REFERENCES sites ON DELETE CASCADE,
    metric  text NOT NULL,
    day     date NOT NULL,                         -- the local day it was computed on
    trend   text NOT NULL CHECK (trend IN ('up', 'down', 'stable', 'not enough data')),
    PRIMARY KEY (site_id, metric)
);

-- Complete local days that changed since; append-only, deleted by the run that read it.
CREATE TABLE touched_days (
    site_id integer NOT NULL,
    day     date NOT NULL
);

-- Filters with a name.
CREATE TABLE segments (
    site_id    integer NOT NULL REFERENCES sites ON DELETE CASCADE,
    segment_id integer GENERATED ALWAYS AS IDENTITY,
    name       text NOT NULL,
    filters    jsonb NOT NULL,                     -- as the API takes them
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, segment_id),
    UNIQUE (site_id, name)
);

-- Sites whose goals changed: their events must be marked again.
CREATE TABLE touched_goals (
    site_id    integer NOT NULL REFERENCES sites ON DELETE CASCADE,
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- Grain: site (its slug), local day, metric, and value of a low-cardinality first-touch dimension.
-- dimension and dimension_value null: the whole site; dimension_value null alone: unknown.
-- Rates 0-1; durations in seconds; money in the site's currency. No row where a rate is undefined.
CREATE VIEW daily_metrics AS
WITH totals AS (
    SELECT t.*, coalesce(v.visitors, 0) AS visitors, coalesce(v.new_visitors, 0) AS new_visitors,
        coalesce(c.visitors, 0) AS converting_visitors
    FROM traffic_daily t
    LEFT JOIN (
        SELECT site_id, day AS local_day, sum(visitors) AS visitors,
            sum(visitors) FILTER (WHERE prev_day IS NULL) AS new_visitors
        FROM unique_gaps WHERE dimension = 0 GROUP BY site_id, day
    ) AS v USING (site_id, local_day)
    LEFT JOIN (
        SELECT site_id, day AS local_day, sum(visitors) AS visitors
        FROM value_gaps WHERE dimension = 9 GROUP BY site_id, day
    ) AS c USING (site_id, local_day)
),
parts AS (
    SELECT d.*, coalesce(v.visitors, 0) AS visitors
    FROM session_value_days d
    LEFT JOIN (
        SELECT site_id, dimension, value_id, day AS local_day, sum(visitors) AS visitors
        FROM value_gaps GROUP BY site_id, dimension, value_id, day
    ) AS v USING (site_id, dimension, value_id, local_day)
    WHERE d.dimension BETWEEN 1 AND 6 AND (d.events > 0 OR d.sessions > 0)
)
SELECT s.slug AS site_id, t.local_day AS date, m.metric_name, m.value, NULL AS dimension,
    NULL AS dimension_value
FROM totals t
JOIN sites s USING (site_id)
CROSS JOIN LATERAL (VALUES
    ('visitors', t.visitors), ('new_visitors', t.new_visitors), ('sessions', t.sessions),
    ('pageviews', t.pageviews), ('events', t.events), ('bounces', t.bounces),
    ('bounce_rate', t.bounces / nullif(t.sessions, 0)),
    ('session_duration_s', t.duration_s / nullif(t.sessions, 0)),
    ('views_per_session', t.session_pageviews / nullif(t.sessions, 0)),
    ('conversions', t.conversions), ('converting_visitors', t.converting_visitors),
    ('conversion_rate', t.converting_visitors / nullif(t.visitors, 0)),
    ('purchases', t.purchases), ('revenue_gross', t.revenue_gross),
    ('revenue_net', t.revenue_net),
    ('average_order_value', t.revenue_gross / nullif(t.purchases, 0)),
    ('conversions_per_session', t.conversions / nullif(t.sessions, 0))
) AS m(metric_name, value)
WHERE s.slug IS NOT NULL AND m.value IS NOT NULL
UNION ALL
SELECT s.slug, p.local_day, m.metric_name, m.value, d.name, l.value
FROM parts p
JOIN sites s USING (site_id)
JOIN dimensions d USING (dimension)
LEFT JOIN labels l ON l.site_id = p.site_id AND l.label_id = p.value_id
CROSS JOIN LATERAL (VALUES
    ('visitors', p.visitors), ('sessions', p.sessions::numeric), ('pageviews', p.pageviews),
    ('events', p.events), ('bounces', p.bounces),
    ('bounce_rate', p.bounces::numeric / nullif(p.sessions, 0)),
    ('session_duration_s', p.duration_us / 1e6 / nullif(p.sessions, 0)),
    ('views_per_session', p.session_pageviews::numeric / nullif(p.sessions, 0)),
    ('conversions', p.conversions), ('revenue_gross', p.revenue_gross),
    ('revenue_net', p.revenue_net),
    ('conversions_per_session', p.conversions::numeric / nullif(p.sessions, 0))
) AS m(metric_name, value)
WHERE s.slug IS NOT NULL AND m.value IS NOT NULL;
