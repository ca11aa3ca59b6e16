-- discard_facts.sql: takes bad lines of one file out of staging.
ALTER TABLE staging_facts DELETE WHERE version = {version:UInt64} AND has({lines:Array(Int64)}, line)
SETTINGS mutations_sync = 1
