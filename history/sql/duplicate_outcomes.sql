-- duplicate_outcomes.sql: one row per line that repeats the natural key of an
-- earlier line, by line, at most {most}. A hash of the key finds the few
-- candidates, so that millions of rows without duplicates cost one number each.
-- The control arm of layout pairs stands in many lines, and may if they agree.
SELECT line, first, experiment, metric, arm
FROM (
    SELECT experiment, metric, segment, arm, at, arraySort(groupArray(line)) AS lines, lines[1] AS first
    FROM staging_outcomes
    WHERE version = {version:UInt64} AND cityHash64(experiment, metric, segment, arm, at) IN (
        SELECT cityHash64(experiment, metric, segment, arm, at) AS key
        FROM staging_outcomes WHERE version = {version:UInt64} GROUP BY key HAVING count() > 1)
    GROUP BY experiment, metric, segment, arm, at
    HAVING count() > 1 AND NOT (arm = {shared:String}
        AND uniqExact(cityHash64(cumulative, n, sum_y, sum_yy, sum_d, sum_dd, sum_yd, sum_x, sum_xx, sum_xy, sum_xd, definition)) = 1)
)
ARRAY JOIN arraySlice(lines, 2) AS line
ORDER BY line, metric, arm LIMIT {most:UInt32}
