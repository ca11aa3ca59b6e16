-- exposed.sql: the first step of what is mined of users: one row per unit of an
-- experiment, and where it counts, as the newest import tells it, also where that
-- tells another instant than an older one did. Of an exposure log the first entry
-- counts. Who saw two arms is left out (summary.sql counts them).
--
-- experiments: only these, and no row of others is read; []: every one.
-- plain: of the experiments, those in which no unit has a second row (repeated.sql
--   knows), so that none is looked for. [] is right too, and slower.
--
-- by_day: 1: users of each day of exposure by themselves; 0: all together, on day 0.
--
-- Users, cells and measures are told apart by 64-bit hashes, ten times faster than by
-- their names. A cell is an experiment, arm, segment and day, a measure an experiment
-- and metric. Of five million users mined at once, two are taken for one with probability
-- 7 · 10⁻⁷.
exposed AS (
    SELECT cityHash64(experiment, unit) AS user, cityHash64(unit) AS who, cityHash64(experiment, arm, segment, day) AS cell,
           experiment, arm, segment, exposed_at AS since, if({by_day:UInt8} = 1, toUnixTimestamp(toStartOfDay(exposed_at)), 0) AS day
    FROM assignments
    WHERE experiment IN {plain:Array(String)} AND deleted = 0
    UNION ALL
    SELECT cityHash64(experiment, unit) AS user, any(cityHash64(unit)), argMax(cityHash64(experiment, arm, segment, day_of_row), newest),
           any(experiment), any(arm), argMax(segment, newest), argMax(exposed_at, newest), argMax(day_of_row, newest)
    FROM (
        SELECT experiment, unit, arm, segment, exposed_at, if({by_day:UInt8} = 1, toUnixTimestamp(toStartOfDay(exposed_at)), 0) AS day_of_row,
               bitShiftLeft(toUInt128(if(logged = 1, 18446744073709551615, version)), 32) + 4294967295 - toUnixTimestamp(exposed_at) AS newest
        FROM assignments FINAL
        WHERE (empty({experiments:Array(String)}) OR experiment IN {experiments:Array(String)}) AND experiment NOT IN {plain:Array(String)}
    )
    GROUP BY user
    HAVING min(arm) = max(arm)
),
