-- First and last sight of the visitors that lost an end, from all their hours; null: none is left.
UPDATE run_visitors r SET (first_at, last_at, first_day) = (
    SELECT min(first_at), max(last_at), min(local_day)
    FROM session_hours h
    WHERE h.site_id = r.site_id AND h.visitor_id = r.visitor_id)
WHERE has_lost
