-- aggregated.sql: the sums of pre-aggregated outcomes, as sums.sql returns those of
-- users: the last snapshot where there are snapshots, or else the sum over days.
--
-- experiments: only these; []: every one. metric: '' for every metric.
-- segment, every_segment: which users. by_day: 1: each day and each snapshot by itself.
x -> if(max(NOT (abs(x) < 1e30)) = 1, sum(x), number_of(sum(whole(if(abs(x) < 1e30, x, 0))))) AS total
SELECT experiment, metric, segment, arm, day, snapshot, toUInt8(0) AS ratio, s.1 AS n, s.2 AS y, s.3 AS yy, s.4 AS d, s.5 AS dd, s.6 AS yd, s.7 AS x, s.8 AS xx, s.9 AS xy, s.10 AS xd
FROM (
    SELECT experiment, metric, segment, arm, if({by_day:UInt8} = 1, toUnixTimestamp(at), 0) AS day, max(cumulative) AS snapshot,
           if(max(cumulative) = 1,
              argMax(tuple(n, sum_y, sum_yy, sum_d, sum_dd, sum_yd, sum_x, sum_xx, sum_xy, sum_xd), (cumulative, at)),
              tuple(total(n), total(sum_y), total(sum_yy), total(sum_d), total(sum_dd), total(sum_yd),
                    total(sum_x), total(sum_xx), total(sum_xy), total(sum_xd))) AS s
    FROM outcomes FINAL
    WHERE {metric:String} IN ('', metric) AND (empty({experiments:Array(String)}) OR experiment IN {experiments:Array(String)})
      AND ({every_segment:UInt8} = 1 OR segment = {segment:String})
    GROUP BY experiment, metric, segment, arm, day
)
