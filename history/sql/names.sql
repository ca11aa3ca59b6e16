-- names.sql: the ids of all experiments, in order; about 10,000.
SELECT experiment FROM experiments FINAL ORDER BY experiment
