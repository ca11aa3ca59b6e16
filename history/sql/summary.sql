-- summary.sql: one row: how much the history holds. Of the rows about one user in
-- one arm only the newest counts, as in effects.sql. Large groups go to disk.
SELECT (SELECT count() FROM experiments FINAL) AS experiment_count,
       (SELECT count() FROM arms FINAL) AS arm_count,
       (SELECT uniqExact(metric) FROM (SELECT DISTINCT metric FROM outcomes FINAL UNION ALL SELECT DISTINCT metric FROM facts FINAL)) AS metric_count,
       (SELECT count() FROM outcomes FINAL) AS outcome_count,
       (SELECT count() FROM (SELECT 1 FROM assignments FINAL GROUP BY experiment, unit, arm)) AS assignment_count,
       (SELECT count() FROM (SELECT 1 FROM facts FINAL
            GROUP BY cityHash64(experiment, metric, unit, if(experiment = '', (toUnixTimestamp(at), event), (0, ''))))) AS fact_count,
       (SELECT count() FROM (SELECT experiment, unit FROM assignments FINAL GROUP BY experiment, unit HAVING uniqExact(arm) > 1)) AS mixed_count,
       (SELECT minIf(started, toUnixTimestamp(started) > 0) FROM experiments FINAL) AS first,
       (SELECT max(ended) FROM experiments FINAL) AS last,
       (SELECT max(id) FROM imports FINAL WHERE state = 2) AS watermark
SETTINGS max_bytes_before_external_group_by = 50000000
