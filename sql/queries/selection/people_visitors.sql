-- The visitors of an arm. {order}: how they are read
SELECT visitor_id, first_day FROM visitors WHERE site_id = %(site_id)s AND {which} {order}
