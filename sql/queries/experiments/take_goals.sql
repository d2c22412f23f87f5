-- The events that goals of the run's experiments are about, and those whose value they add up: a
-- purchase's also the refunds', which are negative. The value of a refund itself is a positive amount.
INSERT INTO run_goals
SELECT DISTINCT
    x.site_id, x.experiment_id, named.label_id, source.label_id, source.value = named.value,
    CASE WHEN named.value = 'refund' THEN -1 ELSE 1 END, x.attribution_window, x.currency,
    x.raw_day
FROM run_experiments x
CROSS JOIN LATERAL jsonb_to_recordset(x.goals) AS g(event text)
JOIN labels named ON named.site_id = x.site_id AND named.hash = md5(g.event)::uuid
JOIN labels source ON source.site_id = x.site_id AND (source.hash = named.hash
    OR (g.event = 'purchase' AND source.hash = md5('refund')::uuid))
