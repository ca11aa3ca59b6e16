-- duplicate_facts.sql: one row per line with an event that cannot be told from one of
-- an earlier line: of one metric, unit and second. By line, at most {most}. A hash of
-- the key finds the few candidates. Of a line's metrics the first is told.
SELECT line, first, metric, unit, at, event
FROM (
    SELECT metric, unit, at, event, arraySort(groupArray(line)) AS lines, lines[1] AS first
    FROM staging_facts
    WHERE version = {version:UInt64} AND cityHash64(metric, unit, at, event) IN (
        SELECT cityHash64(metric, unit, at, event) AS key
        FROM staging_facts WHERE version = {version:UInt64} GROUP BY key HAVING count() > 1)
    GROUP BY metric, unit, at, event HAVING count() > 1
)
ARRAY JOIN arraySlice(lines, 2) AS line
ORDER BY line, metric LIMIT 1 BY line LIMIT {most:UInt32}
SETTINGS max_bytes_before_external_group_by = 50000000, max_threads = 2
