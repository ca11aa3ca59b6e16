-- newest_published.sql: one number, the id of the newest import that is in place.
SELECT max(id) FROM imports WHERE state = 2
