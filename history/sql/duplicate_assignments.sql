-- duplicate_assignments.sql: one row per line that names a user of an arm again,
-- by line, at most {most}. The same user in two arms is not a duplicate: mining
-- counts such users and leaves them out.
SELECT line, first, experiment, unit, arm
FROM (
    SELECT experiment, unit, arm, arraySort(groupArray(line)) AS lines, lines[1] AS first
    FROM staging_assignments
    WHERE version = {version:UInt64} AND cityHash64(experiment, unit, arm) IN (
        SELECT cityHash64(experiment, unit, arm) AS key
        FROM staging_assignments WHERE version = {version:UInt64} GROUP BY key HAVING count() > 1)
    GROUP BY experiment, unit, arm HAVING count() > 1
)
ARRAY JOIN arraySlice(lines, 2) AS line
ORDER BY line LIMIT {most:UInt32}
