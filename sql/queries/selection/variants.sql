-- Grain: variant of an experiment, in the order of its definition; of one that nobody defined, those
-- that anybody saw.
-- :site_id int, :key text
WITH defined AS (
    SELECT variants FROM experiments WHERE site_id = %(site_id)s AND key = %(key)s
)
SELECT v.key
FROM defined
CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(variants) AS (key text))
    WITH ORDINALITY AS v(key, ordinal)
UNION ALL
(
    SELECT DISTINCT properties ->> 'variant' AS key
    FROM events
    WHERE site_id = %(site_id)s AND kind = 3 AND visitor_id IS NOT NULL
        AND properties ->> 'experiment' = %(key)s AND properties ->> 'variant' <> ''
        AND NOT EXISTS (SELECT FROM defined)
    ORDER BY key
)
