-- compare_facts.sql: one row per staged file: how many of its rows are new, how
-- many replace what was known of a user's metric, and how many say the same again.
-- The newest of a user counts, whatever instant it names; compare_events.sql is for
-- facts of no experiment. Keys are compared by hash, in buckets that go to disk when
-- there are many.
SELECT version, countIf(found = 0 AND gone = 0) AS fresh,
       countIf(found = 1 AND gone = 0 AND was != now) AS superseded,
       countIf(found = 1 AND gone = 0 AND was = now) AS unchanged, countIf(gone = 1) AS removed
FROM (
    SELECT version, cityHash64(experiment, metric, unit) AS key,
           argMin(cityHash64(value, pre, ratio, denominator, definition), deleted) AS now,
           min(deleted) AS gone
    FROM staging_facts GROUP BY version, key
) AS staged
LEFT JOIN (
    SELECT cityHash64(experiment, metric, unit) AS key,
           argMax(cityHash64(value, pre, ratio, denominator, definition), version) AS was, 1 AS found
    FROM facts FINAL WHERE experiment IN (SELECT experiment FROM staging_experiments)
    GROUP BY key
) AS stored USING key
GROUP BY version ORDER BY version
SETTINGS join_algorithm = 'grace_hash', grace_hash_join_initial_buckets = 8,
         max_bytes_before_external_group_by = 50000000, max_threads = 2
