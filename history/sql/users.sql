-- users.sql: how many rows about users each of the experiments has, or facts of its own
-- where those are more. By them mining is cut into pieces that fit in memory.
SELECT experiment, max(n) FROM (
    SELECT experiment, count() AS n FROM assignments WHERE experiment IN {experiments:Array(String)} GROUP BY experiment
    UNION ALL
    SELECT experiment, count() AS n FROM facts WHERE experiment IN {experiments:Array(String)} AND experiment != '' GROUP BY experiment
)
GROUP BY experiment
