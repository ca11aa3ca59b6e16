-- compare_outcomes.sql: one row per staged file: how many of its rows are new, how
-- many replace a row of the same natural key, and how many say the same again.
-- Keys are compared by hash, in buckets that go to disk when there are many.
SELECT version, countIf(found = 0 AND gone = 0) AS fresh,
       countIf(found = 1 AND gone = 0 AND was != now) AS superseded,
       countIf(found = 1 AND gone = 0 AND was = now) AS unchanged, countIf(gone = 1) AS removed
FROM (
    SELECT version, cityHash64(experiment, metric, segment, arm, at) AS key,
           any(cityHash64(cumulative, n, sum_y, sum_yy, sum_d, sum_dd, sum_yd, sum_x, sum_xx, sum_xy, sum_xd, definition)) AS now,
           any(deleted) AS gone
    FROM staging_outcomes GROUP BY version, key
) AS staged
LEFT JOIN (
    SELECT cityHash64(experiment, metric, segment, arm, at) AS key,
           cityHash64(cumulative, n, sum_y, sum_yy, sum_d, sum_dd, sum_yd, sum_x, sum_xx, sum_xy, sum_xd, definition) AS was, 1 AS found
    FROM outcomes FINAL WHERE experiment IN (SELECT experiment FROM staging_outcomes)
) AS stored USING key
GROUP BY version ORDER BY version
SETTINGS join_algorithm = 'grace_hash', grace_hash_join_initial_buckets = 8,
         max_bytes_before_external_group_by = 50000000, max_threads = 2
