-- schema_migrations.sql: one row per applied migration.
CREATE TABLE IF NOT EXISTS schema_migrations (
    number   UInt32,
    name     String,
    checksum String,
    at       DateTime('UTC') DEFAULT now()
) ENGINE = ReplacingMergeTree(at) ORDER BY number
