-- repeated.sql: the experiments in which some unit has two rows, of assignments or of
-- one metric's facts, also where merging would leave one.
-- In all others no row supersedes another, and none needs to be looked for. Rows lie
-- in order of experiment and unit, so that it is enough to compare each with the one
-- before it. Only units are: where the last one of an experiment or metric is the first
-- of the next, the next counts as such an experiment too, which costs time and nothing else.
SELECT DISTINCT experiment FROM (
    SELECT experiment, user, any(user) OVER (ORDER BY experiment, unit ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS before
    FROM (SELECT experiment, unit, cityHash64(unit) AS user FROM assignments WHERE experiment IN {experiments:Array(String)})
) WHERE user = before
UNION DISTINCT
SELECT DISTINCT experiment FROM (
    SELECT experiment, user, any(user) OVER (ORDER BY experiment, metric, unit ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS before
    FROM (SELECT experiment, metric, unit, cityHash64(unit) AS user FROM facts WHERE experiment IN {experiments:Array(String)})
) WHERE user = before
