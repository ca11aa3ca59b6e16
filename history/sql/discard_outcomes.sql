-- discard_outcomes.sql: takes bad lines of one file out of staging.
ALTER TABLE staging_outcomes DELETE WHERE version = {version:UInt64} AND line IN {lines:Array(Int64)}
SETTINGS mutations_sync = 1
