-- staging_exists.sql: one number, 1 while an import runs or after one was killed.
SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = 'staging_owner'
