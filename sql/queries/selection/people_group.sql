-- Visitors by their masks. {arms}: people_arm for each part of them
SELECT {masks}is_converting, is_new, new_day, sum(visitors)::bigint AS visitors
FROM ({arms}) AS arms
GROUP BY {masks}is_converting, is_new, new_day
