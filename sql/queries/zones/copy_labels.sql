-- Gives a site's new number the labels it lacks, under the same ids.
-- :old :new int
INSERT INTO labels (site_id, label_id, hash, value) OVERRIDING SYSTEM VALUE
SELECT %(new)s, label_id, hash, value
FROM labels o
WHERE site_id = %(old)s AND NOT EXISTS (
    SELECT FROM labels n WHERE n.site_id = %(new)s AND n.label_id = o.label_id)
