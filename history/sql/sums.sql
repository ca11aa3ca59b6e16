-- sums.sql: the last step of what is mined of users: one row per experiment, metric,
-- segment ('': everybody), arm and day of whose users any did something: what the step
-- `did` says of them, added up. ratio: the metric is Σy/Σd.
--
-- Where a value is no number, or from 10¹⁵ on, no sum is a number.
-- What is added up in one number is told apart by cell XOR measure, one hash of two, and by
-- the sizes (exact.sql) of y, d and x, nine bits each.
cells AS (
    SELECT cell, any(experiment) AS experiment, any(arm) AS arm, any(segment) AS own_segment, any(exposed.day) AS day
    FROM exposed GROUP BY cell
),
cell_sums AS (
    SELECT any(scaled.cell) AS cell, any(metric) AS metric, max(ratio) AS ratio, max(NOT fine) AS beyond,
           power_of(sizes) AS y_power, power_of(bitShiftLeft(sizes, 9)) AS d_power, power_of(bitShiftLeft(sizes, 18)) AS x_power,
           halves(y) AS y_, halves(y * y) AS yy, halves(d) AS d_, halves(d * d) AS dd, halves(y * d) AS yd,
           halves(x) AS x_, halves(x * x) AS xx, halves(x * y) AS xy, halves(x * d) AS xd
    FROM (
        SELECT cell, bitXor(cell, measure) AS cell_measure, metric, ratio, abs(did.y) < 1e15 AND abs(did.x) < 1e15 AND abs(did.d) < 1e15 AS fine,
               if(fine, did.y, 0) AS of_y, size_of(of_y) AS y_size, shrunk(of_y, y_size) AS y,
               if(fine, did.x, 0) AS of_x, size_of(of_x) AS x_size, shrunk(of_x, x_size) AS x,
               if(fine, did.d, 0) AS of_d, size_of(of_d) AS d_size, shrunk(of_d, d_size) AS d,
               y_size + bitShiftRight(d_size, 9) + bitShiftRight(x_size, 18) AS sizes
        FROM did
    ) AS scaled
    GROUP BY cell_measure, sizes
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
