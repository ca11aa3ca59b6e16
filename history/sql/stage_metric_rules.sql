-- stage_metric_rules.sql: where an import gathers rows before they are published. A plain
-- MergeTree keeps duplicates, which are to be reported; with the same columns
-- and order its parts can be attached to metric_rules as they are. Merging
-- waits until they are: done twice, it would double the import's work.
CREATE OR REPLACE TABLE staging_metric_rules AS metric_rules ENGINE = MergeTree ORDER BY metric
SETTINGS min_parts_to_merge_at_once = 100
