-- sums.sql: one row per experiment, metric, segment and arm, in that order, from
-- assignments and facts. About 40,000 rows for 10,000 experiments. What stands in
-- [[ ]] is put in by sums.go: the user's views, and what their columns allow.
--
-- since: only experiments whose watermark is at or after. window, pre: seconds.
-- No name or type is taken from the server's settings, which Assay may not set:
-- what a join leaves empty is made plain, whether or not join_use_nulls is on.
WITH
[[- if .Experiments]]
about AS (
    SELECT toString(v.experiment_id) AS experiment[[range .Texts]],
           ifNull(toString(v.[[.]]), '') AS [[.]][[end]][[range .Instants]],
           ifNull(toDateTime64(v.[[.]], 6, 'UTC'), toDateTime64(0, 6, 'UTC')) AS [[.]][[end]][[if .Excluded]],
           ifNull(toString(v.excluded), '') AS excluded[[end]][[if .Watermark]],
           toDateTime64(v.[[name .Watermark]], 6, 'UTC') AS as_new_as[[end]]
    FROM (
[[.Experiments]]
    ) AS v[[if .Watermark]]
    WHERE toDateTime64(v.[[name .Watermark]], 6, 'UTC') >= {since:DateTime64(6, 'UTC')} AND toDateTime64(v.[[name .Watermark]], 6, 'UTC') <= now64(6)[[end]]
),
[[- end]]
[[- if .Arms]]
about_arms AS (
    SELECT toString(v.experiment_id) AS experiment, toString(v.variation_id) AS arm[[if .ArmTitle]], ifNull(toString(v.title), '') AS arm_title[[end]][[if .ArmWeight]], toFloat64OrZero(ifNull(toString(v.weight), '')) AS weight[[end]]
    FROM (
[[.Arms]]
    ) AS v
),
[[- end]]
-- First exposure counts. Who was seen in two arms of one experiment is left out.
exposed AS (
    SELECT experiment, unit, min(variation) AS arm, min(seen) AS since, argMin(seen_in, seen) AS segment
    FROM (
        SELECT toString(v.experiment_id) AS experiment, toString(v.unit_id) AS unit, toString(v.variation_id) AS variation,
               toDateTime64(v.timestamp, 6, 'UTC') AS seen, [[if .Segment]]ifNull(toString(v.segment), '')[[else]]''[[end]] AS seen_in
        FROM (
[[.Assignments]]
        ) AS v
    ) AS assigned[[if .Watermark]]
    WHERE experiment IN (SELECT experiment FROM about)[[end]]
    GROUP BY experiment, unit
    HAVING min(variation) = max(variation)
),
-- Facts count from the exposure to the end of the window, and at most to that of
-- the experiment.
followed AS (
    SELECT e.experiment AS experiment, e.unit AS unit, e.arm AS arm, e.segment AS segment, e.since AS since,
           subtractSeconds(e.since, {pre:UInt32}) AS pre_since,
           least([[if .Window]]addSeconds(e.since, {window:UInt32})[[else]]toDateTime64('2200-01-01 00:00:00', 6, 'UTC')[[end]],
                 [[if .Ended]]if(ifNull(toUnixTimestamp64Micro(a.ended), 0) = 0, toDateTime64('2200-01-01 00:00:00', 6, 'UTC'), assumeNotNull(a.ended))[[else]]toDateTime64('2200-01-01 00:00:00', 6, 'UTC')[[end]]) AS until
    FROM exposed AS e[[if .Ended]]
    LEFT ANY JOIN (SELECT experiment, ended FROM about) AS a ON a.experiment = e.experiment[[end]]
),
happened AS (
[[- range $i, $f := .Facts]]
    [[if $i]]UNION ALL
    [[end]]SELECT [[quote $f.Metric]] AS metric, toString(v.unit_id) AS unit, toDateTime64(v.timestamp, 6, 'UTC') AS at,
           ifNull(toFloat64(v.value), 0.) AS value, [[if $f.Ratio]]ifNull(toFloat64(v.denominator), 0.)[[else]]0.[[end]] AS denominator, [[if $f.Ratio]]1[[else]]0[[end]] AS ratio
    FROM (
[[$f.SQL]]
    ) AS v
[[- end]]
),
-- One row per experiment, metric and unit with facts.
did AS (
    SELECT e.experiment AS experiment, f.metric AS metric, e.unit AS unit, any(e.arm) AS arm, any(e.segment) AS segment, max(f.ratio) AS ratio,
           sumIf(f.value, f.at >= e.since) AS y, sumIf(f.denominator, f.at >= e.since) AS d, sumIf(f.value, f.at < e.since) AS x
    FROM happened AS f
    INNER JOIN followed AS e ON f.unit = e.unit
    WHERE f.at >= e.pre_since AND f.at < e.until
    GROUP BY e.experiment, f.metric, e.unit
),
[[- if .Capped]]
-- A unit's sum above its metric's cap counts as the cap: a value, or the sum of rank
-- ⌈share · n⌉ among the n units of all arms, of whom those without facts have 0.
units AS (SELECT experiment, toInt64(count()) AS n FROM exposed GROUP BY experiment),
caps AS (
    SELECT d.experiment AS experiment, d.metric AS metric, transform(d.metric, [[.Names]], [[.Caps]], 0.) AS value,
           transform(d.metric, [[.Names]], [[.Shares]], 0.) AS share, any(u.n) AS n, toInt64(ceil(share * n)) AS place,
           arraySort(groupArrayIf(d.y, transform(d.metric, [[.Names]], [[.Shares]], 0.) > 0)) AS ys,
           toInt64(length(arrayFilter(y -> y < 0, ys))) AS below, n - toInt64(length(ys)) AS idle,
           multiIf(value > 0, value, share = 0, inf, place <= below, ys[place], place <= below + idle, 0., ys[place - idle]) AS cap
    FROM did AS d INNER JOIN units AS u ON u.experiment = d.experiment
    GROUP BY d.experiment, d.metric
),
capped AS (
    SELECT d.experiment AS experiment, d.metric AS metric, d.unit AS unit, d.arm AS arm, d.segment AS segment, d.ratio AS ratio,
           least(d.y, c.cap) AS y, d.d AS d, least(d.x, c.cap) AS x
    FROM did AS d INNER JOIN caps AS c ON c.experiment = d.experiment AND c.metric = d.metric
),
[[- end]]
did_sums AS (
    SELECT experiment, metric, group_of_users, arm, max(ratio) AS is_ratio, sum(y) AS sum_y, sum(y * y) AS sum_yy,
           sum(d) AS sum_d, sum(d * d) AS sum_dd, sum(y * d) AS sum_yd,
           sum(x) AS sum_x, sum(x * x) AS sum_xx, sum(x * y) AS sum_xy, sum(x * d) AS sum_xd
    FROM [[if .Capped]]capped[[else]]did[[end]] ARRAY JOIN if(segment = '', [''], ['', segment]) AS group_of_users
    GROUP BY experiment, metric, group_of_users, arm
),
-- Everybody in the arm counts, also who did nothing.
everybody AS (
    SELECT experiment, group_of_users, arm, count() AS users
    FROM exposed ARRAY JOIN if(segment = '', [''], ['', segment]) AS group_of_users
    GROUP BY experiment, group_of_users, arm
),
-- Of one experiment and metric, every arm and segment that has users finds its
-- sums by name; 0 where nobody did anything.
summed AS (
    SELECT m.experiment AS experiment, m.metric AS metric, m.ratio AS ratio, who.1 AS segment, who.2 AS arm, who.3 AS n,
           arrayFirst(z -> z.1 = who.1 AND z.2 = who.2, m.every) AS s
    FROM (
        SELECT experiment, metric, max(is_ratio) AS ratio,
               groupArray((group_of_users, arm, sum_y, sum_yy, sum_d, sum_dd, sum_yd, sum_x, sum_xx, sum_xy, sum_xd)) AS every
        FROM did_sums GROUP BY experiment, metric
    ) AS m
    INNER JOIN (
        SELECT experiment, groupArray((group_of_users, arm, users)) AS users_of
        FROM everybody GROUP BY experiment
    ) AS c ON c.experiment = m.experiment
    ARRAY JOIN c.users_of AS who
)
SELECT t.experiment AS experiment, t.metric AS metric, t.segment AS segment, t.arm AS arm, t.n AS n,
       t.s.3 AS y, t.s.4 AS yy, if(t.ratio = 1, t.s.5, toFloat64(t.n)) AS d, if(t.ratio = 1, t.s.6, toFloat64(t.n)) AS dd,
       if(t.ratio = 1, t.s.7, t.s.3) AS yd, t.s.8 AS x, t.s.9 AS xx, t.s.10 AS xy, if(t.ratio = 1, t.s.11, t.s.8) AS xd[[if .Experiments]][[range .Texts]],
       ifNull(b.[[.]], '') AS [[.]][[end]][[range .Instants]],
       nullIf(b.[[.]], toDateTime64(0, 6, 'UTC')) AS [[.]][[end]][[if .Excluded]],
       ifNull(b.excluded, '') AS excluded[[end]][[if .Watermark]],
       b.as_new_as AS as_new_as[[end]][[if .Control]],
       if(t.arm = ifNull(b.control, ''), '1', '0') AS is_control[[end]][[end]][[if .ArmTitle]],
       ifNull(r.arm_title, '') AS arm_title[[end]][[if .ArmWeight]],
       nullIf(ifNull(r.weight, 0.), 0.) AS weight[[end]]
FROM summed AS t[[if .Experiments]]
LEFT ANY JOIN about AS b ON b.experiment = t.experiment[[end]][[if .Arms]]
LEFT ANY JOIN about_arms AS r ON r.experiment = t.experiment AND r.arm = t.arm[[end]]
ORDER BY experiment, metric, segment, arm
