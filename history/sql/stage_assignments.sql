-- stage_assignments.sql: where an import gathers rows before they are published. A plain
-- MergeTree keeps duplicates, which are to be reported; with the same columns
-- and order its parts can be attached to assignments as they are.
CREATE TABLE staging_assignments AS assignments ENGINE = MergeTree ORDER BY (experiment, unit, arm, exposed_at)
