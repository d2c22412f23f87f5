-- Grain: dimension; its values with the most sessions, most first.
-- :most int, {parts}: the table of parts
SELECT kind, array_agg(by_id ORDER BY place) AS by_ids
FROM (
    SELECT kind, by_id,
        row_number() OVER (PARTITION BY kind ORDER BY sum(sessions) DESC, by_id) AS place
    FROM {parts} WHERE kind BETWEEN 1 AND 6 GROUP BY kind, by_id
) AS ranked
WHERE place <= %(most)s
GROUP BY kind
