-- repeated.sql: the experiments in which some unit has two rows, of assignments or of
-- one metric's facts, also where merging would leave one.
-- In all others no row supersedes another, and none needs to be looked for. Two units
-- of one hash are taken for a unit of two rows, which costs time and is right too.
SELECT experiment FROM assignments WHERE experiment IN {experiments:Array(String)}
GROUP BY experiment HAVING count() > uniqExact(cityHash64(unit))
UNION DISTINCT
SELECT experiment FROM facts WHERE experiment IN {experiments:Array(String)}
GROUP BY experiment HAVING count() > uniqExact(cityHash64(metric, unit))
