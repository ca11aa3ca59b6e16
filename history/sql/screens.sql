-- screens.sql: one row per experiment and metric ('': all of them) that must not be
-- learned from for what effects.sql cannot see in one effect, in that order: the
-- first screen that holds, what it is, and what it was seen by. A few rows.
--
-- The table mined holds everybody's effects, as effects.sql returns them. A screen
-- needs evidence: what was not said is no reason to leave an experiment out.
WITH
-- What is not excluded and has ended.
tests AS (
    SELECT experiment, surface, component, control, toUnixTimestamp(started) AS began, toUnixTimestamp(ended) AS closed,
           toUnixTimestamp(planned_end) AS until, planned_users, analysis, layer, overlap
    FROM experiments FINAL WHERE excluded = '' AND toUnixTimestamp(ended) > 0
),
-- The same experiment under two ids: one surface, control and dates, and the same
-- numbers in every arm, to the last bit, of which some vary. The first id stays.
twins AS (
    SELECT arraySort(groupArray(experiment)) AS ids
    FROM tests
    INNER JOIN (
        SELECT experiment, arraySort(groupArray((metric, control_users, treatment_users, baseline, lift, se))) AS sums
        FROM mined WHERE control != '' GROUP BY experiment HAVING max(se) > 0
    ) AS m USING experiment
    GROUP BY surface, control, began, closed, sums
    HAVING length(ids) > 1
),
duplicates AS (SELECT ids[1] AS original, arrayJoin(arraySlice(ids, 2)) AS experiment FROM twins),
-- A fixed test that ended with less than nine tenths of what was planned. Where both
-- time and users are known, both must be short: a test that has its users early, or
-- its time without them, was not cut off at a result.
sized AS (
    SELECT experiment, max(users) AS users
    FROM (SELECT experiment, metric, any(control_users) + sum(treatment_users) AS users FROM mined GROUP BY experiment, metric)
    GROUP BY experiment
),
stopped AS (
    SELECT tests.experiment AS experiment,
           began > 0 AND until > began AS timed, (closed - began) / (until - began) AS time_share,
           planned_users > 0 AS counted, users / planned_users AS user_share
    FROM tests LEFT JOIN sized ON sized.experiment = tests.experiment
    WHERE analysis != 'sequential' AND (timed OR counted)
      AND (NOT timed OR time_share < 0.9) AND (NOT counted OR user_share < 0.9)
),
-- Two experiments that changed one component of one surface, the second during more
-- than half of the first, and not on disjoint users of one layer. Only those enter
-- of which it can be known whom they reached.
reaching AS (
    SELECT experiment, surface, component, began, closed, layer FROM tests
    WHERE surface != '' AND component != '' AND began > 0
      AND (layer != '' OR experiment IN (SELECT DISTINCT experiment FROM assignments))
      AND experiment NOT IN (SELECT experiment FROM duplicates)
),
pairs AS (
    SELECT a.experiment AS experiment, b.experiment AS other, a.layer != '' AND b.layer != '' AS layered
    FROM reaching AS a INNER JOIN reaching AS b ON a.surface = b.surface AND a.component = b.component
    WHERE a.experiment != b.experiment AND (a.layer = '' OR a.layer != b.layer)
      AND least(a.closed, b.closed) > greatest(a.began, b.began) + (a.closed - a.began) / 2
),
-- Where layers do not say it, users do: how many of a sample of the first's users,
-- by hash and of about five million, were in the second too.
seen AS (
    SELECT cityHash64(unit) AS user, groupUniqArray(experiment) AS ids
    FROM assignments FINAL
    WHERE experiment IN (SELECT arrayJoin([experiment, other]) FROM pairs WHERE NOT layered)
      AND cityHash64(unit) % greatest(1, intDiv((SELECT count() FROM assignments
              WHERE experiment IN (SELECT arrayJoin([experiment, other]) FROM pairs WHERE NOT layered)), 5000000)) = 0
    GROUP BY user
),
shared AS (
    SELECT experiment, other, count() AS users
    FROM (SELECT arrayJoin(ids) AS experiment, arrayJoin(arrayFilter(id -> id != experiment, ids)) AS other FROM seen)
    GROUP BY experiment, other
),
own AS (SELECT arrayJoin(ids) AS experiment, count() AS users FROM seen GROUP BY experiment),
overlapping AS (
    SELECT experiment, min(other) AS first, uniqExact(other) AS others
    FROM (
        SELECT experiment, other FROM pairs WHERE layered
        UNION ALL
        SELECT s.experiment, s.other FROM shared AS s INNER JOIN own AS o ON o.experiment = s.experiment
        WHERE s.users > 0.05 * o.users AND (s.experiment, s.other) IN (SELECT experiment, other FROM pairs WHERE NOT layered)
    )
    GROUP BY experiment
),
-- A metric whose rows that count were measured by two definitions, where they are
-- told, or that is a mean in one arm and a ratio in another (a mean is a ratio whose
-- denominator is 1 for every user).
told AS (
    SELECT experiment, metric, arrayDistinct(arrayFilter(v -> v != '', arrayFlatten(groupArray(versions)))) AS definitions,
           uniqExact(ratio) AS kinds
    FROM (
        SELECT experiment, metric, arm, sum(n) AS users,
               if(max(cumulative) = 1, [argMax(definition, (cumulative, at))], groupUniqArray(definition)) AS versions,
               NOT (sum(sum_d) = users AND sum(sum_dd) = users) AS ratio
        FROM outcomes FINAL WHERE segment = '' GROUP BY experiment, metric, arm
    )
    GROUP BY experiment, metric
    UNION ALL
    SELECT experiment, metric, groupUniqArrayIf(version_of_unit, version_of_unit != '') AS definitions, uniqExact(ratio_of_unit) AS kinds
    FROM (
        SELECT experiment, metric, unit, argMax(definition, version) AS version_of_unit, argMax(ratio, version) AS ratio_of_unit
        FROM facts FINAL
        -- only the newest row of a user counts, which few experiments need to be asked for
        WHERE (experiment, metric) IN (
            SELECT experiment, metric FROM facts WHERE experiment != '' GROUP BY experiment, metric
            HAVING min(ratio) != max(ratio) OR min(definition) != max(definition))
        GROUP BY experiment, metric, unit
    )
    GROUP BY experiment, metric
),
changed AS (SELECT experiment, metric, definitions, kinds FROM told WHERE length(definitions) > 1 OR kinds > 1)
SELECT experiment, metric, argMin(screen, place) AS screen_, argMin(seen_by, place) AS seen_by_
FROM (
    SELECT experiment, '' AS metric, 1 AS place, concat('duplicate of ', original) AS screen,
           'one surface, control and dates, and the same numbers in every arm' AS seen_by
    FROM duplicates
    UNION ALL
    SELECT experiment, '', 2, 'peeked and stopped early',
           concat('ended with ', arrayStringConcat(arrayConcat(
               if(timed, [concat(toString(round(100 * time_share)), '% of the planned time')], []),
               if(counted, [concat(toString(round(100 * user_share)), '% of the planned users')], [])), ' and '),
               ', and its analysis is not sequential')
    FROM stopped
    UNION ALL
    SELECT experiment, '', 3, 'overlapping change', overlap FROM tests WHERE overlap != ''
    UNION ALL
    SELECT experiment, '', 4, 'overlapping change',
           concat('changed the same component for the same users as ', first, if(others > 1, concat(' and ', toString(others - 1), ' more'), ''))
    FROM overlapping
    UNION ALL
    SELECT experiment, metric, 5, 'metric changed',
           if(length(definitions) > 1, concat('measured by ', arrayStringConcat(arraySort(definitions), ', ')), 'a mean in one arm, a ratio in another')
    FROM changed
)
GROUP BY experiment, metric
ORDER BY experiment, metric
-- on a cluster, every shard needs the whole of what an IN names
SETTINGS distributed_product_mode = 'global'
