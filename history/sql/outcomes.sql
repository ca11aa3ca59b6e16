-- outcomes.sql: one row per experiment, metric and arm, over everybody, in that order.
-- About 100,000 rows for a programme of 10,000 experiments.
--
-- From pre-aggregated outcomes only: the last snapshot where there are snapshots, or
-- else the sum over days. metric: '' for every metric.
WITH summed AS (
    SELECT experiment, metric, arm,
           if(max(cumulative) = 1,
              argMax(tuple(n, sum_y, sum_yy, sum_d, sum_dd, sum_yd), (cumulative, at)),
              tuple(sum(n), sum(sum_y), sum(sum_yy), sum(sum_d), sum(sum_dd), sum(sum_yd))) AS s
    FROM outcomes FINAL
    WHERE segment = '' AND {metric:String} IN ('', metric)
    GROUP BY experiment, metric, arm
)
SELECT summed.experiment AS experiment, summed.metric AS metric, summed.arm AS arm, a.title, a.attributes,
       e.title, e.hypothesis, e.surface, e.component, e.change_type, e.source, e.generator, e.team, e.author,
       e.started, e.ended, e.control != '' AND e.control = summed.arm AS is_control, e.excluded,
       s.1 AS users, s.2 AS total, s.3 AS squares, s.4 AS d, s.5 AS dd, s.6 AS yd
FROM summed
INNER JOIN (SELECT * FROM experiments FINAL) AS e ON e.experiment = summed.experiment
LEFT JOIN (SELECT * FROM arms FINAL) AS a ON a.experiment = summed.experiment AND a.arm = summed.arm
ORDER BY experiment, metric, arm
