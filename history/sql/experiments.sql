-- experiments.sql: one row per experiment, by id; about 10,000.
SELECT experiment, title, surface, started, ended, excluded FROM experiments FINAL ORDER BY experiment
