-- What experiment_outcomes should hold.
-- :site_id int
SELECT o.*
FROM found_outcomes(
    ARRAY[%(site_id)s::int],
    ARRAY(SELECT experiment_id FROM experiments WHERE site_id = %(site_id)s), NULL, '-infinity') AS o
