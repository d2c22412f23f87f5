-- What experiment_units should hold.
-- :site_id int
SELECT u.*
FROM found_units(
    ARRAY[%(site_id)s::int],
    ARRAY(SELECT experiment_id FROM experiments WHERE site_id = %(site_id)s), NULL) AS u
