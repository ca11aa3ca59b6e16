-- record_migration.sql: says that a migration has run to its end.
INSERT INTO schema_migrations (number, name, checksum)
SELECT {number:UInt32}, {name:String}, {checksum:String}
