-- publish_experiments.sql: gives the staged parts to experiments, by hard links and in one step.
-- Run twice it adds the same versions again, which count once.
ALTER TABLE experiments ATTACH PARTITION tuple() FROM staging_experiments
