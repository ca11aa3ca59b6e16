-- effects.sql: one row per experiment, metric, segment and treatment arm, in that
-- order, of the sums that it is given. About 40,000 rows for a programme of 10,000
-- experiments.
--
-- The table sums holds one row per experiment, metric, segment ('': everybody) and arm:
-- n users, and sums over them of the metric y, its denominator d, which is 1 for a
-- mean, and its value before exposure x.
--
-- as_of: Unix seconds; only experiments ended by then. 0: all, running ones too.
-- min_users: per arm, below which an effect is not usable.
WITH
-- All arms of an experiment side by side.
sided AS (
    SELECT s.experiment AS experiment, s.metric AS metric, s.segment AS segment,
           groupArray(CAST((s.arm, s.n, s.y, s.yy, s.d, s.dd, s.yd,
                            s.x, s.xx, s.xy, s.xd, a.weight, a.title),
               'Tuple(arm String, n Float64, y Float64, yy Float64, d Float64, dd Float64, yd Float64,
                      x Float64, xx Float64, xy Float64, xd Float64, weight Float64, title String)')) AS every,
           arraySort(z -> z.arm, every) AS arms
    FROM sums AS s
    LEFT JOIN (SELECT experiment, arm, weight, title FROM arms FINAL) AS a
        ON a.experiment = s.experiment AND a.arm = s.arm
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
--
-- CUPED: where both arms have sums of the metric before exposure, x, what x says of
-- a user in advance is taken out. With L = R + (y − Rd)n/Σd, a mean's own y, and
-- per arm Sxx = Σx² − (Σx)²/n and SxL = (Σxy − R Σxd)n/Σd, over both arms together
--   θ = (ΣSxL + g (x̄ₜ − x̄꜀)(Rₜ − R꜀)) / (ΣSxx + g (x̄ₜ − x̄꜀)²),  g = nₜn꜀/(nₜ + n꜀)
--   R → R − θ(x̄ₐ − x̄),  Var(R) → Var(R) + (θ²Sxx − 2θSxL)/(n(n − 1))
-- and the lift is that of the adjusted R. Where nothing is left to adjust, or no
-- variance would be left, the lift stays as it is.
-- Source: Deng, Xu, Kohavi & Walker (2013), Improving the Sensitivity of Online
-- Controlled Experiments by Utilizing Pre-Experiment Data, §3; stats/effect.Adjust in Go.
--
-- In steps of their own: the engine writes a name out wherever it is used.
contrasted AS (
    SELECT split.experiment AS experiment, metric, segment, e.control AS control, sample_ratio_p,
           e.title AS experiment_title, e.hypothesis AS hypothesis, e.decision AS decision, e.surface AS surface, e.component AS component, e.change_type AS change_type,
           e.source AS source, e.generator AS generator, e.team AS team, e.author AS author,
           e.started AS started, e.ended AS ended, e.excluded AS excluded,
           arrayFirst(z -> z.arm = e.control, arms) AS c, arrayJoin(arrayFilter(z -> z.arm != e.control, arms)) AS t,
           e.control != '' AND has(arms.arm, e.control) AS controlled
    FROM split
    INNER JOIN (SELECT * FROM experiments FINAL) AS e ON e.experiment = split.experiment
    WHERE {as_of:Int64} = 0 OR (toUnixTimestamp(e.ended) > 0 AND toUnixTimestamp(e.ended) <= {as_of:Int64})
),
averaged AS (
    SELECT *, c.y / c.d AS baseline, t.y / t.d AS treated, c.xx - c.x * c.x / c.n AS c_xx, t.xx - t.x * t.x / t.n AS t_xx,
           t.x / t.n - c.x / c.n AS apart, t.n / (t.n + c.n) AS t_share, c.n / (t.n + c.n) AS c_share
    FROM contrasted
),
spread AS (
    SELECT *, (c.yy - 2 * baseline * c.yd + baseline * baseline * c.dd) / (c.n - 1) AS c_spread,
           (t.yy - 2 * treated * t.yd + treated * treated * t.dd) / (t.n - 1) AS t_spread,
           (c.xy - baseline * c.xd) * c.n / c.d AS c_xl, (t.xy - treated * t.xd) * t.n / t.d AS t_xl
    FROM averaged
),
sloped AS (
    SELECT *, c_spread * c.n / (c.d * c.d) AS c_variance, t_spread * t.n / (t.d * t.d) AS t_variance,
           (c_xl + t_xl + t.n * c_share * apart * (treated - baseline)) / (c_xx + t_xx + t.n * c_share * apart * apart) AS theta
    FROM spread
),
reduced AS (
    SELECT *, baseline + theta * apart * t_share AS c_adjusted, treated - theta * apart * c_share AS t_adjusted,
           c_variance + theta * (theta * c_xx - 2 * c_xl) / (c.n * (c.n - 1)) AS c_left,
           t_variance + theta * (theta * t_xx - 2 * t_xl) / (t.n * (t.n - 1)) AS t_left
    FROM sloped
),
compared AS (
    SELECT *, sqrt(t_variance / pow(baseline, 2) + pow(treated, 2) * c_variance / pow(baseline, 4)) AS plain_se,
           sqrt(t_left / pow(c_adjusted, 2) + pow(t_adjusted, 2) * c_left / pow(c_adjusted, 4)) AS adjusted_se,
           -- in one arm only, x is no covariate; sums of doubles cancel to about 1e-16 of their size
           controlled AND c.xx > 0 AND t.xx > 0 AND c_xx + t_xx > 1e-13 * (c.xx + t.xx) AND c_adjusted > 0
               AND c_left > 1e-10 * c_variance AND t_left > 1e-10 * t_variance AND baseline > 0 AS adjustable
    FROM reduced
),
answered AS (
    SELECT *, adjustable AND isFinite(adjusted_se) AS adjusted, treated / baseline - 1 AS plain_lift,
           if(adjusted, t_adjusted / c_adjusted - 1, plain_lift) AS lift, if(adjusted, adjusted_se, plain_se) AS se
    FROM compared
)
SELECT experiment, if(t.title = '', experiment_title, t.title) AS title, t.arm AS arm,
       if(controlled, control, '') AS control_arm, metric, segment,
       surface, component, change_type, source, generator, team, author, started, ended,
       if(controlled, c.n, 0) AS control_users, t.n AS treatment_users,
       if(isFinite(baseline), baseline, 0) AS baseline_mean,
       if(isFinite(lift) AND controlled, lift, 0) AS lift_or_zero, if(isFinite(se) AND controlled, se, 0) AS se_or_zero,
       adjusted, if(adjusted, plain_lift, 0) AS plain_lift_or_zero, if(adjusted, plain_se, 0) AS plain_se_or_zero,
       sample_ratio_p, hypothesis, decision,
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
FROM answered
ORDER BY experiment, metric, segment, arm
