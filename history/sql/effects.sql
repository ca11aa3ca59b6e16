-- effects.sql: one row per experiment, metric, segment and treatment arm, in that
-- order. About 40,000 rows for a programme of 10,000 experiments.
--
-- as_of:  Unix seconds; only experiments ended by then. 0: all, running ones too.
-- metric: '' for every metric. segment, every_segment: which users.
-- min_users: per arm, below which an effect is not usable.
WITH
-- The raw part: one row per unit of an experiment, as the newest import tells
-- it, also where that tells another instant than an older one did. Who saw two
-- arms is left out (summary.sql counts them).
exposed AS (
    SELECT experiment, unit, any(arm) AS arm,
           argMax(exposed_at, (version, -toInt64(exposed_at))) AS since,
           argMax(segment, (version, -toInt64(exposed_at))) AS segment
    FROM assignments FINAL
    GROUP BY experiment, unit
    HAVING uniqExact(assignments.arm) = 1
),
-- What each unit did since: one row per experiment, metric and unit with facts.
-- A fact of the experiment's own sums up what the unit did in it: the newest one
-- counts. Facts of no experiment are events, which add up from the exposure on.
did AS (
    SELECT e.experiment AS experiment, f.metric AS metric, e.arm AS arm, e.segment AS unit_segment, e.unit AS unit,
           sumIf(f.value, f.experiment = '') + argMaxIf(f.value, f.version, f.experiment != '') AS y,
           sumIf(f.pre, f.experiment = '') + argMaxIf(f.pre, f.version, f.experiment != '') AS x,
           sumIf(f.denominator, f.experiment = '') + argMaxIf(f.denominator, f.version, f.experiment != '') AS d,
           argMax(f.ratio, f.version) AS ratio
    FROM (SELECT * FROM facts FINAL WHERE {metric:String} IN ('', metric)) AS f
    INNER JOIN exposed AS e ON f.unit = e.unit
    WHERE f.experiment = e.experiment OR f.experiment = '' AND f.at >= e.since
    GROUP BY experiment, metric, arm, unit_segment, unit
),
-- Its sums per arm, for everybody and for each segment.
did_sums AS (
    SELECT experiment, metric, segment, arm, max(ratio) AS ratio, sum(y) AS sum_y, sum(y * y) AS sum_yy,
           sum(d) AS sum_d, sum(d * d) AS sum_dd, sum(y * d) AS sum_yd,
           sum(x) AS sum_x, sum(x * x) AS sum_xx, sum(x * y) AS sum_xy
    FROM did ARRAY JOIN if(unit_segment = '', [''], ['', unit_segment]) AS segment
    GROUP BY experiment, metric, segment, arm
),
-- Everybody in the arm counts, also who did nothing.
exposed_counts AS (
    SELECT experiment, segment, arm, toFloat64(count()) AS n
    FROM exposed ARRAY JOIN if(exposed.segment = '', [''], ['', exposed.segment]) AS segment
    GROUP BY experiment, segment, arm
),
raw AS (
    SELECT c.experiment AS experiment, m.metric AS metric, c.segment AS segment, c.arm AS arm, 1 AS source,
           tuple(c.n, s.sum_y, s.sum_yy, if(m.ratio = 1, s.sum_d, c.n), if(m.ratio = 1, s.sum_dd, c.n),
                 if(m.ratio = 1, s.sum_yd, s.sum_y)) AS sums
    FROM exposed_counts AS c
    INNER JOIN (SELECT experiment, metric, max(ratio) AS ratio FROM did_sums GROUP BY experiment, metric) AS m
        ON c.experiment = m.experiment
    LEFT JOIN did_sums AS s
        ON s.experiment = c.experiment AND s.metric = m.metric AND s.segment = c.segment AND s.arm = c.arm
),
-- The pre-aggregated part: the last snapshot where there are snapshots, or else
-- the sum over days.
aggregated AS (
    SELECT experiment, metric, segment, arm, 0 AS source,
           if(max(cumulative) = 1,
              argMax(tuple(n, sum_y, sum_yy, sum_d, sum_dd, sum_yd), (cumulative, at)),
              tuple(sum(n), sum(sum_y), sum(sum_yy), sum(sum_d), sum(sum_dd), sum(sum_yd))) AS sums
    FROM outcomes FINAL
    WHERE {metric:String} IN ('', metric)
    GROUP BY experiment, metric, segment, arm
),
-- All arms of an experiment side by side. Where both parts speak of the same
-- metric, users decide: they are what the aggregate was made of.
sided AS (
    SELECT s.experiment AS experiment, s.metric AS metric, s.segment AS segment,
           groupArray(CAST((s.arm, s.source, s.sums.1, s.sums.2, s.sums.3, s.sums.4, s.sums.5, s.sums.6, a.weight, a.title),
               'Tuple(arm String, source UInt8, n Float64, y Float64, yy Float64, d Float64, dd Float64, yd Float64, weight Float64, title String)')) AS every,
           arraySort(z -> z.arm, arrayFilter(z -> z.source = arrayMax(every.source), every)) AS arms
    FROM (SELECT * FROM raw UNION ALL SELECT * FROM aggregated) AS s
    LEFT JOIN (SELECT experiment, arm, weight, title FROM arms FINAL) AS a
        ON a.experiment = s.experiment AND a.arm = s.arm
    WHERE {every_segment:UInt8} = 1 OR s.segment = {segment:String}
    GROUP BY experiment, metric, segment
),
-- The sample ratio: Pearson's χ² of all arms against the planned shares, equal
-- ones where any is missing. Its upper tail in closed form (Abramowitz and
-- Stegun 26.4.4 and 26.4.5), with h = χ²/2 and k degrees of freedom:
--   k even: Σ exp(−h) hⁱ / i!,                       i = 0 … k/2 − 1
--   k odd:  erfc(√h) + Σ exp(−h) hⁱ⁺½ / Γ(i + 3/2),  i = 0 … (k − 3)/2
split AS (
    SELECT *, length(arms) - 1 AS k, arraySum(arms.n) AS total,
           if(arrayMin(arms.weight) > 0, arms.weight, arrayMap(w -> 1., arms.weight)) AS shares,
           arrayMap(w -> total * w / arraySum(shares), shares) AS expected,
           arraySum((n, e) -> pow(n - e, 2) / e, arms.n, expected) / 2 AS h,
           if(h <= 0 OR k < 1, 1., if(k % 2 = 1, erfc(sqrt(h)), 0.) + arraySum(arrayMap(
               i -> exp((i + k % 2 / 2) * log(h) - h - lgamma(i + k % 2 / 2 + 1)), range(toUInt64(intDiv(k, 2)))))) AS sample_ratio_p
    FROM sided
),
-- One treatment against control. A mean is a ratio whose d is 1, so one formula
-- serves both: the residual y − Rd has mean zero, and by the delta method
--   Var(R) = n/(Σd)² · Σ(y − Rd)²/(n − 1),  Var(Rₜ/R꜀) = Var(Rₜ)/R꜀² + Rₜ² Var(R꜀)/R꜀⁴
-- Source: Deng, Knoblich & Lu (2018), Applying the Delta Method in Metric Analytics, §2 and §3.
contrasted AS (
    SELECT experiment, metric, segment, e.control AS control, sample_ratio_p,
           e.title AS experiment_title, e.surface AS surface, e.component AS component, e.change_type AS change_type,
           e.source AS source, e.generator AS generator, e.team AS team, e.author AS author,
           e.started AS started, e.ended AS ended, e.excluded AS excluded,
           arrayFirst(z -> z.arm = e.control, arms) AS c, arrayJoin(arrayFilter(z -> z.arm != e.control, arms)) AS t,
           e.control != '' AND has(arms.arm, e.control) AS controlled,
           c.y / c.d AS baseline, t.y / t.d AS treated,
           (c.yy - 2 * baseline * c.yd + baseline * baseline * c.dd) / (c.n - 1) AS c_spread,
           (t.yy - 2 * treated * t.yd + treated * treated * t.dd) / (t.n - 1) AS t_spread,
           c_spread * c.n / (c.d * c.d) AS c_variance, t_spread * t.n / (t.d * t.d) AS t_variance,
           treated / baseline - 1 AS lift,
           sqrt(t_variance / pow(baseline, 2) + pow(treated, 2) * c_variance / pow(baseline, 4)) AS se
    FROM split
    INNER JOIN (SELECT * FROM experiments FINAL) AS e ON e.experiment = split.experiment
    WHERE {as_of:Int64} = 0 OR (toUnixTimestamp(e.ended) > 0 AND toUnixTimestamp(e.ended) <= {as_of:Int64})
)
SELECT experiment, if(t.title = '', experiment_title, t.title) AS title, t.arm AS arm,
       if(controlled, control, '') AS control_arm, metric, segment,
       surface, component, change_type, source, generator, team, author, started, ended,
       if(controlled, c.n, 0) AS control_users, t.n AS treatment_users,
       if(isFinite(baseline), baseline, 0) AS baseline_mean,
       if(isFinite(lift) AND controlled, lift, 0) AS lift_or_zero, if(isFinite(se) AND controlled, se, 0) AS se_or_zero,
       sample_ratio_p,
       multiIf(
           excluded != '', concat('excluded: ', excluded),
           toUnixTimestamp(ended) = 0, 'still running',
           NOT controlled, 'no control arm',
           sample_ratio_p < 0.001, 'sample ratio mismatch',
           least(c.n, t.n) < {min_users:Float64}, 'too few users',
           isNaN(c.yy) OR isNaN(t.yy), 'missing variance',
           -- sums of doubles cancel to about 1e-16 of their size, not to zero
           NOT (c_spread > 1e-13 * c.yy / c.n AND t_spread > 1e-13 * t.yy / t.n), 'zero variance',
           NOT (baseline > 0), 'baseline not positive',
           NOT isFinite(lift) OR NOT isFinite(se), 'not a number',
           'usable') AS verdict
FROM contrasted
ORDER BY experiment, metric, segment, arm
