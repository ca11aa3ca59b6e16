-- publish_assignments.sql: gives the staged parts to assignments, by hard links and in one step.
-- Run twice it adds the same versions again, which count once.
ALTER TABLE assignments ATTACH PARTITION tuple() FROM staging_assignments
