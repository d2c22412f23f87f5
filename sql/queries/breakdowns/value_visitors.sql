-- Grain: value of a low-cardinality first-touch dimension, most visitors first, from rollups. Follows a
-- WITH that has people (of value_people). value: null = unknown.
-- :site_id int, :most int
SELECT l.value, p.visitors
FROM people p
LEFT JOIN labels l ON l.site_id = %(site_id)s AND l.label_id = p.value_id
WHERE p.visitors > 0
ORDER BY p.visitors DESC, l.value
LIMIT %(most)s
