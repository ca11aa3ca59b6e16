-- sums.sql: one row per experiment, metric, segment, arm and day of first exposure, in
-- that order, from assignments and facts. About 40,000 rows for 10,000 experiments, times
-- their days. What stands in [[ ]] is put in by sums.go: the user's views, what their
-- columns allow, and sums that do not depend on the order of their summands.
--
-- since: only experiments whose watermark is at or after. Instants are whole seconds, as
-- in Assay's own history (history/sql/happened.sql), whose sums these are.
-- No name or type is taken from the server's settings, which Assay may not set:
-- what a join leaves empty is made plain, whether or not join_use_nulls is on.
WITH
[[- if .Experiments]]
about AS (
    SELECT toString(v.experiment_id) AS experiment[[range .Texts]],
           ifNull(toString(v.[[.]]), '') AS [[.]][[end]][[range .Instants]],
           ifNull(toDateTime64(v.[[.]], 6, 'UTC'), toDateTime64(0, 6, 'UTC')) AS [[.]][[end]][[if .PlannedUsers]],
           toFloat64OrZero(ifNull(toString(v.planned_users), '')) AS planned_users[[end]][[if .Excluded]],
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
    SELECT experiment, unit, min(variation) AS arm, min(seen) AS since, argMin(seen_in, (seen, seen_in)) AS segment
    FROM (
        SELECT toString(v.experiment_id) AS experiment, toString(v.unit_id) AS unit, toString(v.variation_id) AS variation,
               [[second "v.timestamp"]] AS seen, [[if .Segment]]ifNull(toString(v.segment), '')[[else]]''[[end]] AS seen_in
        FROM (
[[.Assignments]]
        ) AS v
    ) AS assigned[[if .Watermark]]
    WHERE experiment IN (SELECT experiment FROM about)[[end]]
    GROUP BY experiment, unit
    HAVING min(variation) = max(variation)
),
followed AS (
    SELECT e.experiment AS experiment, e.unit AS unit, e.arm AS arm, e.segment AS segment, e.since AS since,
           [[if .Ended]]ifNull([[second "a.ended"]], 0)[[else]]toInt64(0)[[end]] AS until
    FROM exposed AS e[[if .Ended]]
    LEFT ANY JOIN (SELECT experiment, ended FROM about) AS a ON a.experiment = e.experiment[[end]]
),
happened AS (
[[- range $i, $f := .Facts]]
    [[if $i]]UNION ALL
    [[end]]SELECT [[quote $f.Metric]] AS metric, toString(v.unit_id) AS unit, [[second "v.timestamp"]] AS at,
           ifNull(toFloat64(v.value), 0.) AS value, [[if $f.Ratio]]ifNull(toFloat64(v.denominator), 0.)[[else]]0.[[end]] AS denominator, [[if $f.Ratio]]1[[else]]0[[end]] AS ratio,
           toInt64([[seconds $f.Window]]) AS window, toInt64([[seconds $f.Pre]]) AS pre
    FROM (
[[$f.SQL]]
    ) AS v
[[- end]]
),
-- One row per experiment, metric and unit with facts. They count from the exposure on,
-- for the metric's window, or else until the experiment ends.
did AS (
    SELECT e.experiment AS experiment, f.metric AS metric, e.unit AS unit, any(e.arm) AS arm, any(e.segment) AS segment,
           any(intDiv(e.since, 86400)) AS day, max(f.ratio) AS ratio,
           [[exact "if(f.at >= e.since, f.value, 0.)"]] AS y,
           [[exact "if(f.at >= e.since, f.denominator, 0.)"]] AS d,
           [[exact "if(f.at >= e.since, 0., f.value)"]] AS x
    FROM happened AS f
    INNER JOIN followed AS e ON f.unit = e.unit
    WHERE f.at >= e.since - f.pre AND if(f.window > 0, f.at < e.since + f.window, e.until = 0 OR f.at <= e.until)
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
    SELECT d.experiment AS experiment, d.metric AS metric, d.unit AS unit, d.arm AS arm, d.segment AS segment, d.day AS day, d.ratio AS ratio,
           least(d.y, c.cap) AS y, d.d AS d, least(d.x, c.cap) AS x
    FROM did AS d INNER JOIN caps AS c ON c.experiment = d.experiment AND c.metric = d.metric
),
[[- end]]
did_sums AS (
    SELECT experiment, metric, group_of_users, arm, day, max(ratio) AS is_ratio,
           [[exact "y"]] AS sum_y, [[exact "y * y"]] AS sum_yy,
           [[exact "d"]] AS sum_d, [[exact "d * d"]] AS sum_dd, [[exact "y * d"]] AS sum_yd,
           [[exact "x"]] AS sum_x, [[exact "x * x"]] AS sum_xx, [[exact "x * y"]] AS sum_xy, [[exact "x * d"]] AS sum_xd
    FROM [[if .Capped]]capped[[else]]did[[end]] ARRAY JOIN if(segment = '', [''], ['', segment]) AS group_of_users
    GROUP BY experiment, metric, group_of_users, arm, day
),
-- Everybody in the arm counts, also who did nothing.
everybody AS (
    SELECT experiment, group_of_users, arm, intDiv(since, 86400) AS day, count() AS users
    FROM exposed ARRAY JOIN if(segment = '', [''], ['', segment]) AS group_of_users
    GROUP BY experiment, group_of_users, arm, day
),
-- Of one experiment and metric, every segment, arm and day that has users has a row:
-- with its sums, or with 0 where nobody did anything.
summed AS (
    SELECT experiment, metric, max(is_ratio) AS ratio, z.1 AS segment, z.2 AS arm, z.3 AS day, sum(z.4) AS n,
           (sum(z.5), sum(z.6), sum(z.7), sum(z.8), sum(z.9), sum(z.10), sum(z.11), sum(z.12), sum(z.13)) AS s
    FROM (
        SELECT m.experiment AS experiment, m.metric AS metric, m.is_ratio AS is_ratio,
               arrayConcat(m.every, arrayMap(u -> (u.1, u.2, u.3, u.4, 0., 0., 0., 0., 0., 0., 0., 0., 0.), c.users_of)) AS places
        FROM (
            SELECT experiment, metric, max(is_ratio) AS is_ratio,
                   groupArray((group_of_users, arm, day, toUInt64(0), sum_y, sum_yy, sum_d, sum_dd, sum_yd, sum_x, sum_xx, sum_xy, sum_xd)) AS every
            FROM did_sums GROUP BY experiment, metric
        ) AS m
        INNER JOIN (
            SELECT experiment, groupArray((group_of_users, arm, day, users)) AS users_of
            FROM everybody GROUP BY experiment
        ) AS c ON c.experiment = m.experiment
    ) AS merged
    ARRAY JOIN places AS z
    GROUP BY experiment, metric, segment, arm, day
)
SELECT t.experiment AS experiment, t.metric AS metric, t.segment AS segment, t.arm AS arm, toDate(toUInt16(t.day)) AS day, t.n AS n,
       t.s.1 AS y, t.s.2 AS yy, if(t.ratio = 1, t.s.3, toFloat64(t.n)) AS d, if(t.ratio = 1, t.s.4, toFloat64(t.n)) AS dd,
       if(t.ratio = 1, t.s.5, t.s.1) AS yd, t.s.6 AS x, t.s.7 AS xx, t.s.8 AS xy, if(t.ratio = 1, t.s.9, t.s.6) AS xd[[if .Experiments]][[range .Texts]],
       ifNull(b.[[.]], '') AS [[.]][[end]][[range .Instants]],
       nullIf(b.[[.]], toDateTime64(0, 6, 'UTC')) AS [[.]][[end]][[if .PlannedUsers]],
       nullIf(ifNull(b.planned_users, 0.), 0.) AS planned_users[[end]][[if .Excluded]],
       ifNull(b.excluded, '') AS excluded[[end]][[if .Watermark]],
       b.as_new_as AS as_new_as[[end]][[if .Control]],
       if(t.arm = ifNull(b.control, ''), '1', '0') AS is_control[[end]][[end]][[if .ArmTitle]],
       ifNull(r.arm_title, '') AS arm_title[[end]][[if .ArmWeight]],
       nullIf(ifNull(r.weight, 0.), 0.) AS weight[[end]]
FROM summed AS t[[if .Experiments]]
LEFT ANY JOIN about AS b ON b.experiment = t.experiment[[end]][[if .Arms]]
LEFT ANY JOIN about_arms AS r ON r.experiment = t.experiment AND r.arm = t.arm[[end]]
ORDER BY experiment, metric, segment, arm, day
