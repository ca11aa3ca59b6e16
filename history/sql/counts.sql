-- counts.sql: one row per experiment, segment ('': everybody), arm and day: how many
-- users count. Everybody in the arm does, also who did nothing.
cells AS (
    SELECT cell, any(experiment) AS experiment, any(arm) AS arm, any(segment) AS own_segment, any(exposed.day) AS day, count() AS users
    FROM exposed GROUP BY cell
)
SELECT experiment, segment, arm, day, toFloat64(sum(cells.users)) AS users
FROM cells ARRAY JOIN if(own_segment = '', [''], ['', own_segment]) AS segment
WHERE {every_segment:UInt8} = 1 OR segment = {segment:String}
GROUP BY experiment, segment, arm, day
