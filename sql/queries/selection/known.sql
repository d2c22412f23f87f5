-- Grain: a label with one of some texts; is_frequent: so many sessions of a day view the page that what
-- a filter on it shows is stored.
-- :site_id int, :hashes uuid[] (of the texts), :first :last date
SELECT value, label_id, EXISTS (
    SELECT FROM filtered_days f
    WHERE f.site_id = %(site_id)s AND f.dimension = 8 AND f.value_id = l.label_id AND f.kind = 0
        AND f.local_day BETWEEN %(first)s AND %(last)s
) AS is_frequent
FROM labels l
WHERE site_id = %(site_id)s AND hash = ANY(%(hashes)s::uuid[])
