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
           ifNull([[$.Instant .]], toDateTime64(0, 6, 'UTC')) AS [[.]][[end]][[if .PlannedUsers]],
           toFloat64OrZero(ifNull(toString(v.planned_users), '')) AS planned_users[[end]][[if .Excluded]],
           ifNull(toString(v.excluded), '') AS excluded[[end]][[if .Watermark]],
           [[.Marked]] AS as_new_as[[end]]
    FROM (
[[.Experiments]]
    ) AS v[[if .Watermark]]
    WHERE [[.Marked]] >= {since:DateTime64(6, 'UTC')} AND [[.Marked]] <= now64(6)[[end]]
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
-- First exposure counts. Who was seen in two arms of one experiment is left out, and so is
-- a row that lacks anything of who was where and when: it is no unit's.
exposed AS (
    SELECT cityHash64(test, unit) AS user, any(cityHash64(unit)) AS who, any(test) AS experiment,
           min(variation) AS arm, min(seen) AS since, argMin(seen_in, (seen, seen_in)) AS segment
    FROM (
        SELECT ifNull(toString(v.experiment_id), '') AS test, ifNull(toString(v.unit_id), '') AS unit, ifNull(toString(v.variation_id), '') AS variation,
               assumeNotNull([[whole .Seen]]) AS seen, [[if .Segment]]ifNull(toString(v.segment), '')[[else]]''[[end]] AS seen_in
        FROM (
[[.Assignments]]
        ) AS v
        WHERE NOT ([[lacking "experiment_id" "unit_id" "variation_id" "timestamp"]])
    ) AS assigned[[if .Watermark]]
    WHERE test IN (SELECT experiment FROM about)[[end]]
    GROUP BY user
    HAVING min(variation) = max(variation)
),
followed AS (
    SELECT e.user AS user, e.who AS who, e.experiment AS experiment, e.arm AS arm, e.segment AS segment, e.since AS since, intDiv(e.since, 86400) AS day,
           cityHash64(e.experiment) AS of, cityHash64(e.experiment, e.arm, '', day) AS cell, cityHash64(e.experiment, e.arm, e.segment, day) AS own_cell,
           [[if .Ended]]ifNull([[second "a.ended"]], 0)[[else]]toInt64(0)[[end]] AS until
    FROM exposed AS e[[if .Ended]]
    LEFT ANY JOIN (SELECT experiment, ended FROM about) AS a ON a.experiment = e.experiment[[end]]
),
-- The metrics are numbered from 1 on.
happened AS (
[[- range $i, $f := .Facts]]
    [[if $i]]UNION ALL
    [[end]]SELECT toUInt32([[$i]] + 1) AS metric, cityHash64(ifNull(toString(v.unit_id), '')) AS who, [[whole $f.At]] AS at,
           [[$f.Value]] AS value, [[if $f.Ratio]][[$f.Denominator]][[else]]0.[[end]] AS denominator, [[if $f.Ratio]]1[[else]]0[[end]] AS ratio,
           toInt64([[seconds $f.Window]]) AS window, toInt64([[seconds $f.Pre]]) AS pre
    FROM (
[[$f.SQL]]
    ) AS v
[[- end]]
),
-- One row per experiment, metric and unit with facts. They count from the exposure on,
-- for the metric's window, or else until the experiment ends.
did AS (
    SELECT e.user AS user, f.metric AS metric, any(e.of) AS of, any(e.cell) AS cell, any(e.own_cell) AS own_cell, max(f.ratio) AS ratio,
           [[exact "if(f.at >= e.since, f.value, 0.)"]] AS y,
           [[exact "if(f.at >= e.since, f.denominator, 0.)"]] AS d,
           [[exact "if(f.at >= e.since, 0., f.value)"]] AS x
    FROM happened AS f
    INNER JOIN followed AS e ON f.who = e.who
    WHERE f.at >= e.since - f.pre AND if(f.window > 0, f.at < e.since + f.window, e.until = 0 OR f.at <= e.until)
    GROUP BY e.user, f.metric
),
[[- if .Capped]]
-- A unit's sum above its metric's cap counts as the cap: a value, or the sum of rank
-- ⌈share · n⌉ among the n units of all arms, of whom those without facts have 0.
units AS (SELECT cityHash64(experiment) AS of, toInt64(count()) AS n FROM exposed GROUP BY of),
caps AS (
    SELECT d.of AS of, d.metric AS metric, [[.Caps]][d.metric] AS value,
           [[.Shares]][d.metric] AS share, any(u.n) AS n, toInt64(ceil(share * n)) AS place,
           arraySort(groupArrayIf(d.y, [[.Shares]][d.metric] > 0)) AS ys,
           toInt64(length(arrayFilter(y -> y < 0, ys))) AS below, n - toInt64(length(ys)) AS idle,
           multiIf(value > 0, value, share = 0, inf, place <= below, ys[place], place <= below + idle, 0., ys[place - idle]) AS cap
    FROM did AS d INNER JOIN units AS u ON u.of = d.of
    GROUP BY d.of, d.metric
),
capped AS (
    SELECT d.of AS of, d.metric AS metric, d.cell AS cell, d.own_cell AS own_cell, d.ratio AS ratio,
           least(d.y, c.cap) AS y, d.d AS d, least(d.x, c.cap) AS x
    FROM did AS d INNER JOIN caps AS c ON c.of = d.of AND c.metric = d.metric
),
[[- end]]
-- A cell is an experiment, arm, segment ('': everybody) and day.
did_sums AS (
    SELECT any(of) AS of_experiment, metric, one_cell, max(ratio) AS is_ratio,
           [[exact "y"]] AS sum_y, [[exact "y * y"]] AS sum_yy,
           [[exact "d"]] AS sum_d, [[exact "d * d"]] AS sum_dd, [[exact "y * d"]] AS sum_yd,
           [[exact "x"]] AS sum_x, [[exact "x * x"]] AS sum_xx, [[exact "x * y"]] AS sum_xy, [[exact "x * d"]] AS sum_xd
    FROM [[if .Capped]]capped[[else]]did[[end]] ARRAY JOIN if(cell = own_cell, [cell], [cell, own_cell]) AS one_cell
    GROUP BY metric, one_cell
),
-- Everybody in the arm counts, also who did nothing.
everybody AS (
    SELECT one_cell, any(of) AS of_experiment, any(experiment) AS name, any(if(one_cell = cell, '', segment)) AS group_of_users,
           any(arm) AS in_arm, any(day) AS on_day, count() AS users
    FROM followed ARRAY JOIN if(cell = own_cell, [cell], [cell, own_cell]) AS one_cell
    GROUP BY one_cell
),
-- Of one experiment and metric, every segment, arm and day that has users has a row:
-- with its sums, or with 0 where nobody did anything. Of an experiment in which nobody did
-- anything at all, the rows are of metric 0.
summed AS (
    SELECT experiment, metric, max(is_ratio) AS ratio, max(z.2) AS segment, max(z.3) AS arm, max(z.4) AS day, sum(z.5) AS n,
           (sum(z.6), sum(z.7), sum(z.8), sum(z.9), sum(z.10), sum(z.11), sum(z.12), sum(z.13), sum(z.14)) AS s
    FROM (
        SELECT c.experiment AS experiment, ifNull(m.metric, 0) AS metric, ifNull(m.is_ratio, 0) AS is_ratio,
               arrayConcat(m.every, arrayMap(u -> (u.1, u.2, u.3, u.4, u.5, 0., 0., 0., 0., 0., 0., 0., 0., 0.), c.users_of)) AS places
        FROM (
            SELECT of_experiment, any(name) AS experiment, groupArray((one_cell, group_of_users, in_arm, on_day, users)) AS users_of
            FROM everybody GROUP BY of_experiment
        ) AS c
        LEFT JOIN (
            SELECT of_experiment, metric, max(is_ratio) AS is_ratio,
                   groupArray((one_cell, '', '', toInt64(0), toUInt64(0), sum_y, sum_yy, sum_d, sum_dd, sum_yd, sum_x, sum_xx, sum_xy, sum_xd)) AS every
            FROM did_sums GROUP BY of_experiment, metric
        ) AS m ON c.of_experiment = m.of_experiment
    ) AS merged
    ARRAY JOIN places AS z
    GROUP BY experiment, metric, z.1
)
SELECT t.experiment AS experiment, [[.Names]][t.metric + 1] AS metric, t.segment AS segment, t.arm AS arm, toDate(toUInt16(t.day)) AS day, t.n AS n,
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
