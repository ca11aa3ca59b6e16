-- users.sql: how many rows about users each experiment has, in order; none for those
-- without. By them mining is cut into pieces that fit in memory.
SELECT experiment, count() FROM assignments
WHERE empty({experiments:Array(String)}) OR experiment IN {experiments:Array(String)}
GROUP BY experiment ORDER BY experiment
