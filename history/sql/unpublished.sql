-- unpublished.sql: one row per import that was decided but not finished, by id.
SELECT id FROM imports GROUP BY id HAVING max(state) = 1 ORDER BY id
