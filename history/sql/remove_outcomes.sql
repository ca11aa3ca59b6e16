-- remove_outcomes.sql: stages the removal of every row of the staged experiments that
-- is not staged itself.
INSERT INTO staging_outcomes (experiment, metric, segment, arm, at, version, deleted)
SELECT experiment, metric, segment, arm, at, {version:UInt64}, 1 FROM outcomes FINAL
WHERE experiment IN (SELECT experiment FROM staging_experiments)
  AND (experiment, metric, segment, arm, at) NOT IN (SELECT experiment, metric, segment, arm, at FROM staging_outcomes)
