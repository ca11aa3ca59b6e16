-- discard_facts.sql: takes bad lines of one file out of staging.
ALTER TABLE staging_facts DELETE WHERE version = {version:UInt64} AND line IN {lines:Array(Int64)}
SETTINGS mutations_sync = 1
