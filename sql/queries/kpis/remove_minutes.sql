-- Takes out the minutes that are counted again.
DELETE FROM event_minutes e
USING run_minutes m
WHERE e.site_id = m.site_id AND e.minute = m.minute
