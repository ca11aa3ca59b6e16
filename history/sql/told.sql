-- told.sql: the step `did` for facts of an experiment's own, each of which sums up what
-- a unit did in it: the newest one counts. One row per experiment, metric and unit.
--
-- capped, caps: measures, and the values above which what a unit did counts as this.
did AS (
    SELECT e.cell AS cell, f.measure AS measure, f.metric AS metric, least(f.value, f.cap) AS y, least(f.pre, f.cap) AS x, f.denominator AS d, f.ratio AS ratio
    FROM (
        SELECT cityHash64(experiment, unit) AS user, cityHash64(cityHash64(experiment), cityHash64(metric)) AS measure, metric, value, pre, denominator, ratio,
               transform(measure, {capped:Array(UInt64)}, {caps:Array(Float64)}, inf) AS cap
        FROM facts
        WHERE experiment IN {plain:Array(String)} AND deleted = 0 AND experiment != '' AND {metric:String} IN ('', metric)
        UNION ALL
        SELECT any(cityHash64(experiment, unit)), any(cityHash64(cityHash64(experiment), cityHash64(metric))) AS measure, any(facts.metric),
               argMax(value, version), argMax(pre, version), argMax(denominator, version), argMax(ratio, version),
               transform(measure, {capped:Array(UInt64)}, {caps:Array(Float64)}, inf)
        FROM facts FINAL
        WHERE (empty({experiments:Array(String)}) OR experiment IN {experiments:Array(String)}) AND experiment NOT IN {plain:Array(String)}
          AND experiment != '' AND {metric:String} IN ('', facts.metric)
        GROUP BY cityHash64(experiment, facts.metric, unit)
    ) AS f
    INNER JOIN exposed AS e ON f.user = e.user
),
