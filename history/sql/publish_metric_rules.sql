-- publish_metric_rules.sql: gives the staged parts to metric_rules, by hard links and in one step.
-- Run twice it adds the same versions again, which count once.
ALTER TABLE metric_rules ATTACH PARTITION tuple() FROM staging_metric_rules
