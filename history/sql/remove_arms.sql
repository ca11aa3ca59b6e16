-- remove_arms.sql: stages the removal of every row of the staged experiments that
-- is not staged itself.
INSERT INTO staging_arms (experiment, arm, version, deleted)
SELECT experiment, arm, {version:UInt64}, 1 FROM arms FINAL
WHERE experiment IN (SELECT experiment FROM staging_experiments)
  AND (experiment, arm) NOT IN (SELECT experiment, arm FROM staging_arms)
