-- applied_migrations.sql: one row per applied migration, by number.
SELECT number, any(checksum) AS checksum FROM schema_migrations GROUP BY number ORDER BY number
