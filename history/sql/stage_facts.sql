-- stage_facts.sql: where an import gathers rows before they are published. A plain
-- MergeTree keeps duplicates, which are to be reported; with the same columns
-- and order its parts can be attached to facts as they are. Merging
-- waits until they are: done twice, it would double the import's work.
CREATE OR REPLACE TABLE staging_facts AS facts ENGINE = MergeTree ORDER BY (experiment, metric, unit, at, event)
SETTINGS min_parts_to_merge_at_once = 100
