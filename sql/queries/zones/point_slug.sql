-- Lets a site's slug, with its settings of now, point to the new number; the old one has none any more.
-- :old :new int, :slug text
UPDATE sites n
SET slug = %(slug)s, name = o.name, currency = o.currency, session_gap_s = o.session_gap_s,
    allowed_origins = o.allowed_origins, retention_days = o.retention_days,
    high_value_threshold = o.high_value_threshold, respects_dnt = o.respects_dnt
FROM sites o
WHERE n.site_id = %(new)s AND o.site_id = %(old)s
