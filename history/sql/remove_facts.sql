-- remove_facts.sql: stages the removal of every row of the staged experiments that
-- is not staged itself.
INSERT INTO staging_facts (experiment, metric, unit, at, event, version, deleted)
SELECT experiment, metric, unit, at, event, {version:UInt64}, 1 FROM facts FINAL
WHERE experiment IN (SELECT experiment FROM staging_experiments)
  AND (experiment, metric, unit, at, event) NOT IN (SELECT experiment, metric, unit, at, event FROM staging_facts)
