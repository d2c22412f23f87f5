-- Page views by page from a local day to another, both included: some rows a page, to be added up.
-- Whole weeks come from event_page_weeks, the days before and after them from event_page_days.
-- Part of a query and no function: in one TimescaleDB would look its watermark up for each row.
-- :site_id int, :first :whole_last date
SELECT w.page_id, w.pageviews
FROM event_page_weeks w
WHERE w.site_id = %(site_id)s
    AND w.local_week >= %(first)s::date + mod(8 - extract(isodow FROM %(first)s::date)::int, 7)
    AND w.local_week < %(whole_last)s::date + 1
        - mod(extract(isodow FROM %(whole_last)s::date)::int, 7)
UNION ALL
SELECT d.page_id, d.pageviews
FROM event_page_days d
WHERE d.site_id = %(site_id)s
    AND d.local_day BETWEEN %(first)s::date AND %(whole_last)s::date
    AND d.local_day < %(first)s::date + mod(8 - extract(isodow FROM %(first)s::date)::int, 7)
UNION ALL
SELECT d.page_id, d.pageviews
FROM event_page_days d
WHERE d.site_id = %(site_id)s
    AND d.local_day BETWEEN %(first)s::date AND %(whole_last)s::date
    AND d.local_day >= greatest(
        %(first)s::date + mod(8 - extract(isodow FROM %(first)s::date)::int, 7),
        %(whole_last)s::date + 1 - mod(extract(isodow FROM %(whole_last)s::date)::int, 7))
