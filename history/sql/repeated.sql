-- repeated.sql: the experiments in which some unit has two rows, of assignments or of
-- one metric's facts, also where merging would leave one.
-- In all others no row supersedes another, and none needs to be looked for. Rows lie
-- in order of experiment and unit, so that it is enough to compare each with the one
-- before it.
SELECT DISTINCT experiment FROM (
    SELECT experiment, user, any(user) OVER (ORDER BY experiment, unit ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS before
    FROM (SELECT experiment, unit, cityHash64(experiment, unit) AS user FROM assignments WHERE experiment IN {experiments:Array(String)})
) WHERE user = before
UNION DISTINCT
SELECT DISTINCT experiment FROM (
    SELECT experiment, told, any(told) OVER (ORDER BY experiment, metric, unit ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS before
    FROM (SELECT experiment, metric, unit, cityHash64(experiment, metric, unit) AS told FROM facts WHERE experiment IN {experiments:Array(String)})
) WHERE told = before
