-- widen_metric_rules.sql: gives what an older build staged, and did not come to
-- publish, the empty table of rules that it did not know of (migration 0007).
CREATE TABLE IF NOT EXISTS staging_metric_rules AS metric_rules ENGINE = MergeTree ORDER BY metric
