-- drop_metric_rules.sql: clears what an import has staged.
DROP TABLE IF EXISTS staging_metric_rules SYNC
