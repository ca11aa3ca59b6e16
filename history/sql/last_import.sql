-- last_import.sql: one number, the newest import's id.
SELECT max(id) FROM imports
