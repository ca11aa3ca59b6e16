-- stage_arms.sql: where an import gathers rows before they are published. A plain
-- MergeTree keeps duplicates, which are to be reported; with the same columns
-- and order its parts can be attached to arms as they are.
CREATE TABLE staging_arms AS arms ENGINE = MergeTree ORDER BY (experiment, arm)
