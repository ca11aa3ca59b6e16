-- sums.sql: the last step of what is mined of users: one row per experiment, metric,
-- segment ('': everybody), arm and day of whose users any did something: what the step
-- `did` says of them, added up. ratio: the metric is Σy/Σd.
--
-- Where a value is no number, or from 10¹⁵ on, no sum is a number.
cells AS (
    SELECT cell, any(experiment) AS experiment, any(arm) AS arm, any(segment) AS own_segment, any(exposed.day) AS day
    FROM exposed GROUP BY cell
),
cell_sums AS (
    SELECT cell, measure, any(metric) AS metric, max(ratio) AS ratio, max(NOT fine) AS beyond, y_power, d_power, x_power,
           sum(fixed(y)) AS y_, sum(fixed(y * y)) AS yy, sum(fixed(d)) AS d_, sum(fixed(d * d)) AS dd, sum(fixed(y * d)) AS yd,
           sum(fixed(x)) AS x_, sum(fixed(x * x)) AS xx, sum(fixed(x * y)) AS xy, sum(fixed(x * d)) AS xd
    FROM (
        SELECT cell, measure, metric, ratio, abs(did.y) < 1e15 AND abs(did.x) < 1e15 AND abs(did.d) < 1e15 AS fine,
               if(fine, did.y, 0) AS of_y, power_of(of_y) AS y_power, of_y * two_to(-y_power) AS y,
               if(fine, did.x, 0) AS of_x, power_of(of_x) AS x_power, of_x * two_to(-x_power) AS x,
               if(fine, did.d, 0) AS of_d, power_of(of_d) AS d_power, of_d * two_to(-d_power) AS d
        FROM did
    )
    GROUP BY cell, measure, y_power, d_power, x_power
)
SELECT experiment, metric, segment, arm, day, 0 AS snapshot, max(ratio) AS ratio, 0. AS n,
       (if(max(beyond) = 1, nan, 0.) AS unknown) + added_up(y_, y_power) AS y, unknown + added_up(cell_sums.yy, 2 * y_power) AS yy,
       unknown + added_up(d_, d_power) AS d, unknown + added_up(cell_sums.dd, 2 * d_power) AS dd, unknown + added_up(cell_sums.yd, y_power + d_power) AS yd,
       unknown + added_up(x_, x_power) AS x, unknown + added_up(cell_sums.xx, 2 * x_power) AS xx, unknown + added_up(cell_sums.xy, x_power + y_power) AS xy,
       unknown + added_up(cell_sums.xd, x_power + d_power) AS xd
FROM cell_sums INNER JOIN cells ON cell_sums.cell = cells.cell
ARRAY JOIN if(own_segment = '', [''], ['', own_segment]) AS segment
WHERE {every_segment:UInt8} = 1 OR segment = {segment:String}
GROUP BY experiment, metric, segment, arm, day
