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
    SELECT cell, measure, any(metric) AS metric, max(ratio) AS ratio, max(NOT fine) AS beyond,
           sum(whole(y)) AS y_, sum(whole(y * y)) AS yy, sum(whole(d)) AS d_, sum(whole(d * d)) AS dd, sum(whole(y * d)) AS yd,
           sum(whole(x)) AS x_, sum(whole(x * x)) AS xx, sum(whole(x * y)) AS xy, sum(whole(x * d)) AS xd
    FROM (
        SELECT cell, measure, metric, ratio, abs(did.y) < 1e15 AND abs(did.x) < 1e15 AND abs(did.d) < 1e15 AS fine,
               if(fine, did.y, 0) AS y, if(fine, did.x, 0) AS x, if(fine, did.d, 0) AS d
        FROM did
    )
    GROUP BY cell, measure
)
SELECT experiment, metric, segment, arm, day, 0 AS snapshot, max(ratio) AS ratio, 0. AS n,
       number_of(sum(y_)) + (if(max(beyond) = 1, nan, 0.) AS unknown) AS y, number_of(sum(cell_sums.yy)) + unknown AS yy,
       number_of(sum(d_)) + unknown AS d, number_of(sum(cell_sums.dd)) + unknown AS dd, number_of(sum(cell_sums.yd)) + unknown AS yd,
       number_of(sum(x_)) + unknown AS x, number_of(sum(cell_sums.xx)) + unknown AS xx, number_of(sum(cell_sums.xy)) + unknown AS xy,
       number_of(sum(cell_sums.xd)) + unknown AS xd
FROM cell_sums INNER JOIN cells ON cell_sums.cell = cells.cell
ARRAY JOIN if(own_segment = '', [''], ['', own_segment]) AS segment
WHERE {every_segment:UInt8} = 1 OR segment = {segment:String}
GROUP BY experiment, metric, segment, arm, day
