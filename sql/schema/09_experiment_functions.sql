-- What makes experiments: units, outcomes and arms as functions of the raw events. They are functions
-- so that a run over a few visitors and a rebuild of everybody are the same definition; all of them
-- are inlined into the statement that calls them.

-- The units that the raw events of some visitors make: the first exposure with the session it falls
-- into (overlapping: the earlier), and the variant unless there were several. Exposures to unknown
-- variants, and those outside the experiment's dates, are none. First exposures older than the raw
-- events that are kept count as they were found.
-- coalesce: the planner, which knows nothing of properties, then expects half of all exposures to be
-- the experiment's instead of one in two hundred, and reads every table once.
-- of_visitors null: everybody
CREATE FUNCTION found_units(
    of_sites integer[], of_experiments integer[], of_visitors bigint[]
)
RETURNS TABLE (
    site_id integer, experiment_id integer, visitor_id bigint, variant text,
    exposed_at timestamptz, exposed_day date, country_id integer, device_id integer,
    source_id integer, is_new boolean
) LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT
    p.site_id, p.experiment_id, p.visitor_id,
    CASE WHEN p.lowest = p.highest THEN nullif(p.lowest, '') END,
    p.exposed_at, p.exposed_day, p.country_id, p.device_id, p.source_id, p.is_new
FROM (
    SELECT e.*, row_number() OVER w AS place, min(e.variant) OVER w AS lowest,
        max(e.variant) OVER w AS highest
    FROM (
        SELECT
            x.site_id, x.experiment_id, e.visitor_id, v.key AS variant, e.ts AS exposed_at,
            (e.ts AT TIME ZONE x.timezone)::date AS exposed_day,
            coalesce(s.country_id, 0) AS country_id, coalesce(s.device_id, 0) AS device_id,
            coalesce(s.source_id, 0) AS source_id,
            coalesce(o.first_day = (e.ts AT TIME ZONE x.timezone)::date, true) AS is_new,
            s.started_at, s.session_id
        FROM (SELECT * FROM experiments JOIN sites USING (site_id)) AS x
        CROSS JOIN LATERAL jsonb_to_recordset(x.variants) AS v(key text)
        JOIN events e ON e.site_id = x.site_id AND e.kind = 3
            AND coalesce(e.properties ->> 'experiment' = x.key, false)
            AND e.properties ->> 'variant' = v.key
            AND e.ts >= coalesce(x.starts_at, '-infinity') AND e.ts < coalesce(x.ends_at, 'infinity')
        LEFT JOIN sessions s ON s.site_id = e.site_id AND s.visitor_id = e.visitor_id
            AND e.ts BETWEEN s.started_at AND s.ended_at
        LEFT JOIN visitors o ON o.site_id = e.site_id AND o.visitor_id = e.visitor_id
        WHERE x.site_id = ANY (of_sites) AND x.experiment_id = ANY (of_experiments) AND e.visitor_id IS NOT NULL
            AND (of_visitors IS NULL OR e.visitor_id = ANY (of_visitors))
        UNION ALL
        SELECT
            u.site_id, u.experiment_id, u.visitor_id, coalesce(u.variant, ''), u.exposed_at,
            u.exposed_day, u.country_id, u.device_id, u.source_id, u.is_new, NULL, NULL
        FROM experiment_units u
        JOIN sites s ON s.site_id = u.site_id AND u.exposed_at < s.raw_from
        WHERE u.site_id = ANY (of_sites) AND u.experiment_id = ANY (of_experiments)
            AND (of_visitors IS NULL OR u.visitor_id = ANY (of_visitors))
    ) AS e
    WINDOW w AS (
        PARTITION BY e.visitor_id, e.experiment_id, e.site_id
        ORDER BY e.exposed_at, e.started_at, e.session_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    )
) AS p
WHERE p.place = 1
$$;

-- What found units did: the goals' events at or after the first exposure and, where the experiment
-- has an attribution window, up to its end, by local day. Nobody who saw several variants has any.
-- What was found before the raw events that are kept stays as it was found.
-- of_visitors null: everybody; from_at: the first of their exposures
CREATE FUNCTION found_outcomes(
    of_sites integer[], of_experiments integer[], of_visitors bigint[], from_at timestamptz
)
RETURNS TABLE (
    site_id integer, experiment_id integer, visitor_id bigint, name_id integer, day date,
    events bigint, value numeric
) LANGUAGE sql STABLE PARALLEL SAFE AS $$
WITH wanted AS NOT MATERIALIZED (
    SELECT DISTINCT
        x.site_id, x.experiment_id, named.label_id AS name_id, source.label_id AS source_id,
        source.label_id = named.label_id AS is_counted,
        CASE WHEN named.value = 'refund' THEN -1 ELSE 1 END AS sign,
        make_interval(secs => x.attribution_window_s) AS attribution_window, s.currency,
        (s.raw_from AT TIME ZONE s.timezone)::date AS raw_day
    FROM experiments x
    JOIN sites s USING (site_id)
    CROSS JOIN LATERAL jsonb_to_recordset(x.goals) AS g(event text)
    JOIN labels named ON named.site_id = x.site_id AND named.hash = label_hash(g.event)
    JOIN labels source ON source.site_id = x.site_id AND (source.hash = named.hash
        OR (g.event = 'purchase' AND source.hash = label_hash('refund')))
    WHERE x.site_id = ANY (of_sites) AND x.experiment_id = ANY (of_experiments)
)
SELECT
    u.site_id, u.experiment_id, u.visitor_id, g.name_id, e.local_day,
    count(*) FILTER (WHERE g.is_counted),
    sum(g.sign * coalesce(CASE
        WHEN e.kind IN (4, 5) THEN e.revenue
        WHEN e.currency IS NULL OR e.currency = g.currency THEN e.value
    END, 0))
FROM wanted g
JOIN experiment_units u ON u.site_id = g.site_id AND u.experiment_id = g.experiment_id
JOIN events e ON e.site_id = u.site_id AND e.visitor_id = u.visitor_id
    AND e.name_id = g.source_id AND e.ts >= u.exposed_at
WHERE u.variant IS NOT NULL AND e.ts >= from_at
    AND (of_visitors IS NULL OR u.visitor_id = ANY (of_visitors))
    AND (of_visitors IS NULL OR e.visitor_id = ANY (of_visitors))
    AND (g.attribution_window IS NULL OR e.ts <= u.exposed_at + g.attribution_window)
    AND (g.raw_day IS NULL OR e.local_day >= g.raw_day)
GROUP BY u.site_id, u.experiment_id, u.visitor_id, g.name_id, e.local_day
UNION ALL
SELECT o.site_id, o.experiment_id, o.visitor_id, o.name_id, o.day, o.events, o.value
FROM (SELECT DISTINCT site_id, experiment_id, name_id, raw_day FROM wanted) AS g
JOIN experiment_outcomes o ON o.site_id = g.site_id AND o.experiment_id = g.experiment_id
    AND o.name_id = g.name_id AND o.day < g.raw_day
JOIN experiment_units u ON u.site_id = o.site_id AND u.experiment_id = o.experiment_id
    AND u.visitor_id = o.visitor_id
WHERE u.variant IS NOT NULL AND (of_visitors IS NULL OR o.visitor_id = ANY (of_visitors))
$$;

-- What each unit adds to its arm, by event (0: itself) and local day. Squares: how much a day's
-- events raise the square of the visitor's total.
-- of_visitors null: everybody
CREATE FUNCTION unit_contributions(
    of_sites integer[], of_experiments integer[], of_visitors bigint[]
)
RETURNS TABLE (
    site_id integer, experiment_id integer, variant text, country_id integer, device_id integer,
    source_id integer, is_new boolean, name_id integer, day date, visitors integer, events bigint,
    events_squared bigint, value numeric, value_squared numeric
) LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT
    u.site_id, u.experiment_id, coalesce(u.variant, ''), u.country_id, u.device_id, u.source_id,
    u.is_new, 0, u.exposed_day, 1, 0::bigint, 0::bigint, 0::numeric, 0::numeric
FROM experiment_units u
WHERE u.site_id = ANY (of_sites) AND u.experiment_id = ANY (of_experiments)
    AND (of_visitors IS NULL OR u.visitor_id = ANY (of_visitors))
UNION ALL
SELECT
    u.site_id, u.experiment_id, u.variant, u.country_id, u.device_id, u.source_id, u.is_new,
    t.name_id, t.day, CASE WHEN t.events > 0 AND t.all_events = t.events THEN 1 ELSE 0 END,
    t.events, t.events * (2 * t.all_events - t.events), t.value,
    t.value * (2 * t.all_value - t.value)
FROM (
    SELECT o.*, (sum(o.events) OVER w)::bigint AS all_events, sum(o.value) OVER w AS all_value
    FROM experiment_outcomes o
    WHERE o.site_id = ANY (of_sites) AND o.experiment_id = ANY (of_experiments)
        AND (of_visitors IS NULL OR o.visitor_id = ANY (of_visitors))
    WINDOW w AS (PARTITION BY o.visitor_id, o.site_id, o.experiment_id, o.name_id ORDER BY o.day)
) AS t
JOIN experiment_units u ON u.site_id = t.site_id AND u.experiment_id = t.experiment_id
    AND u.visitor_id = t.visitor_id
$$;
