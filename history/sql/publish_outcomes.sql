-- publish_outcomes.sql: gives the staged parts to outcomes, by hard links and in one step.
-- Run twice it adds the same versions again, which count once.
ALTER TABLE outcomes ATTACH PARTITION tuple() FROM staging_outcomes
