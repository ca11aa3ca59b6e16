-- drop_assignments.sql: clears what an import has staged.
DROP TABLE IF EXISTS staging_assignments SYNC
