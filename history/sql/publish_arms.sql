-- publish_arms.sql: gives the staged parts to arms, by hard links and in one step.
-- Run twice it adds the same versions again, which count once.
ALTER TABLE arms ATTACH PARTITION tuple() FROM staging_arms
