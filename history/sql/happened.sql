-- happened.sql: the step `did` for facts of no experiment, which are events. From the
-- exposure on they add up, for the metric's window or else until the experiment ends;
-- those of the time before that the metric looks back to are what the unit did before.
-- One row per experiment, metric and unit that did anything.
--
-- capped, caps: measures, and the values above which what a unit did counts as this.
x -> if(max(NOT (abs(x) < 1e15)) = 1, nan, number_of(sum(whole(if(abs(x) < 1e15, x, 0))))) AS added,
did AS (
    SELECT cell, measure, metric, least(after, cap) AS y, least(before, cap) AS x, denominator AS d, ratio,
           transform(measure, {capped:Array(UInt64)}, {caps:Array(Float64)}, inf) AS cap
    FROM (
        SELECT any(e.cell) AS cell, cityHash64(any(e.of), any(f.measured)) AS measure, any(f.metric) AS metric,
               added(if(f.at >= e.since, f.value, 0)) AS after, added(if(f.at >= e.since, f.pre, f.value)) AS before,
               added(if(f.at >= e.since, f.denominator, 0)) AS denominator, max(f.ratio) AS ratio
        FROM (
            SELECT cityHash64(unit) AS who, facts.metric AS metric, cityHash64(facts.metric) AS measured, toInt64(toUnixTimestamp(at)) AS at,
                   value, pre, denominator, ratio, toInt64(window_seconds) AS window, toInt64(look_back_seconds) AS look_back
            FROM (SELECT * FROM facts FINAL WHERE experiment = '' AND {metric:String} IN ('', metric)) AS facts
            LEFT JOIN (SELECT metric, window_seconds, look_back_seconds FROM metric_rules FINAL) AS rules ON rules.metric = facts.metric
        ) AS f
        INNER JOIN (
            SELECT user, who, cell, cityHash64(exposed.experiment) AS of, toInt64(toUnixTimestamp(since)) AS since, toInt64(toUnixTimestamp(ended)) AS until
            FROM exposed LEFT JOIN (SELECT experiment, ended FROM experiments FINAL) AS dates ON dates.experiment = exposed.experiment
        ) AS e ON f.who = e.who
        WHERE f.at >= e.since - f.look_back AND if(f.window > 0, f.at < e.since + f.window, e.until = 0 OR f.at <= e.until)
        GROUP BY e.user, f.measured
    )
),
