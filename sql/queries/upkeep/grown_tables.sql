-- Tables of this schema, and parts of them, that hold four times the pages they had when their
-- statistics were last gathered; those of a few pages are left alone.
-- name: quoted, with its schema; parent: of all partitions, else null
SELECT DISTINCT
    c.oid::regclass::text AS name, pg_partition_root(c.oid)::text AS parent
FROM pg_class c
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
LEFT JOIN pg_class p ON p.oid = i.inhparent
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
    AND current_schema()::regnamespace IN (c.relnamespace, p.relnamespace)
    AND pg_relation_size(c.oid) / current_setting('block_size')::bigint
        > 4 * greatest(c.relpages, 8)
