-- compare_events.sql: one row per staged file: how many of its events are new, how
-- many replace one of the same metric, unit, second and event, and how many say the
-- same again. Of what is stored, only the staged metrics and span of time are read.
-- Keys are compared by hash, in buckets that go to disk when there are many.
SELECT version, countIf(found = 0 AND gone = 0) AS fresh,
       countIf(found = 1 AND gone = 0 AND was != now) AS superseded,
       countIf(found = 1 AND gone = 0 AND was = now) AS unchanged, countIf(gone = 1) AS removed
FROM (
    SELECT version, cityHash64(metric, unit, at, event) AS key,
           cityHash64(value, pre, ratio, denominator, definition) AS now, deleted AS gone
    FROM staging_facts
) AS staged
LEFT JOIN (
    SELECT cityHash64(metric, unit, at, event) AS key,
           argMax(cityHash64(value, pre, ratio, denominator, definition), version) AS was, 1 AS found
    FROM facts
    WHERE experiment = '' AND metric IN (SELECT DISTINCT metric FROM staging_facts)
      AND at BETWEEN (SELECT min(at) FROM staging_facts) AND (SELECT max(at) FROM staging_facts)
    GROUP BY key HAVING argMax(deleted, version) = 0
) AS stored USING key
GROUP BY version ORDER BY version
SETTINGS join_algorithm = 'grace_hash', grace_hash_join_initial_buckets = 8,
         max_bytes_before_external_group_by = 50000000, max_threads = 2
