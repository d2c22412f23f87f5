-- Makes the number under which a site's days are built in another zone; it has no slug yet.
-- :old :new int, :timezone text
INSERT INTO sites (
    site_id, name, timezone, zone_rules, currency, session_gap_s, allowed_origins, retention_days,
    raw_from, high_value_threshold, respects_dnt, identity_key, created_at) OVERRIDING SYSTEM VALUE
SELECT
    %(new)s, name, %(timezone)s, zone_rules(%(timezone)s), currency, session_gap_s, allowed_origins,
    retention_days, raw_from, high_value_threshold, respects_dnt, identity_key, created_at
FROM sites WHERE site_id = %(old)s
