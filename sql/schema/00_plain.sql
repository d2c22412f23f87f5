-- Plain PostgreSQL only: what TimescaleDB brings along, with its origin (Monday 2000-01-03), and
-- monthly partitions.

CREATE FUNCTION time_bucket(bucket_width interval, ts timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN date_bin(bucket_width, ts, TIMESTAMPTZ '2000-01-03 00:00:00+00');

-- Makes the UTC month's partitions of events and sessions, of the latter one for each half of the
-- visitors; harmless when they are there.
CREATE FUNCTION ensure_month(month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    child text;
BEGIN
    PERFORM pg_advisory_xact_lock(7002);
    FOREACH parent IN ARRAY ARRAY['events', 'sessions'] LOOP
        child := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
        IF to_regclass(child) IS NULL THEN
            -- Made apart and attached: that lets everybody go on reading and writing the parent.
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS)', child, parent)
                || CASE parent WHEN 'sessions' THEN ' PARTITION BY RANGE (visitor_id)' ELSE '' END;
            IF parent = 'sessions' THEN
                EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (MINVALUE) TO (0)',
                    child || '_negative', child);
                EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (0) TO (MAXVALUE)',
                    child || '_positive', child);
            END IF;
            EXECUTE format(
                'ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, child,
                date_trunc('month', month)::date || ' 00:00+00',
                (date_trunc('month', month) + INTERVAL '1 month')::date || ' 00:00+00');
        END IF;
    END LOOP;
END $$;

-- Drops the monthly partitions that end before the instant.
CREATE FUNCTION drop_months(parent text, before timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    child regclass;
BEGIN
    PERFORM pg_advisory_xact_lock(7002);
    FOR child IN
        SELECT inhrelid::regclass FROM pg_inherits
        WHERE inhparent = parent::regclass AND to_timestamp(
            right(inhrelid::regclass::text, 7) || ' +00', 'YYYY_MM TZH') + INTERVAL '1 month' <= before
    LOOP
        EXECUTE format('DROP TABLE %s', child);
    END LOOP;
END $$;
