-- compare_assignments.sql: one row per staged file: how many of its rows are new, how
-- many replace what was known of a user in an arm, and how many say the same again.
-- The newest row of a user counts, whatever instant it names; of a log ({logged} = 1)
-- every entry does. Keys are compared by hash, in buckets that go to disk when there
-- are many.
SELECT version, countIf(found = 0 AND gone = 0) AS fresh,
       countIf(found = 1 AND gone = 0 AND was != now) AS superseded,
       countIf(found = 1 AND gone = 0 AND was = now) AS unchanged, countIf(gone = 1) AS removed
FROM (
    SELECT version, cityHash64(experiment, unit, arm, if({logged:UInt8} = 1, toUnixTimestamp(exposed_at), 0)) AS key,
           argMin(cityHash64(exposed_at, segment, logged), (deleted, -line)) AS now,
           min(deleted) AS gone
    FROM staging_assignments GROUP BY version, key
) AS staged
LEFT JOIN (
    SELECT cityHash64(experiment, unit, arm, if({logged:UInt8} = 1, toUnixTimestamp(exposed_at), 0)) AS key,
           argMax(cityHash64(exposed_at, segment, logged), version) AS was, 1 AS found
    FROM assignments FINAL WHERE experiment IN (SELECT experiment FROM staging_experiments)
    GROUP BY key
) AS stored USING key
GROUP BY version ORDER BY version
SETTINGS join_algorithm = 'grace_hash', grace_hash_join_initial_buckets = 8,
         max_bytes_before_external_group_by = 50000000, max_threads = 2
