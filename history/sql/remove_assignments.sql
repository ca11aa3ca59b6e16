-- remove_assignments.sql: stages the removal of every row of the staged experiments that
-- is not staged itself.
INSERT INTO staging_assignments (experiment, unit, arm, exposed_at, version, deleted)
SELECT experiment, unit, arm, exposed_at, {version:UInt64}, 1 FROM assignments FINAL
WHERE experiment IN (SELECT experiment FROM staging_experiments)
  AND (experiment, unit, arm, exposed_at) NOT IN (SELECT experiment, unit, arm, exposed_at FROM staging_assignments)
