-- remove_outcomes.sql: stages the removal of every row of the staged experiments that
-- is not staged itself. silent: of these experiments, too, of which nothing is staged.
-- metrics: only of these; []: of all.
INSERT INTO staging_outcomes (experiment, metric, segment, arm, at, version, deleted)
SELECT experiment, metric, segment, arm, at, {version:UInt64}, 1 FROM outcomes FINAL
WHERE (experiment IN (SELECT experiment FROM staging_experiments) OR experiment IN {silent:Array(String)})
  AND (experiment, metric, segment, arm, at) NOT IN (SELECT experiment, metric, segment, arm, at FROM staging_outcomes)
  AND (empty({metrics:Array(String)}) OR metric IN {metrics:Array(String)})
