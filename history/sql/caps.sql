-- caps.sql: one row per measure (exposed.sql) whose metric has a cap: the value above
-- which what a unit did counts as this. Where the rule is a quantile, it is the value
-- of rank ⌈share · n⌉ among the n units of all arms, of whom some did nothing: 0.
everybody AS (SELECT cell, of, sum(users) OVER (PARTITION BY of) AS n
    FROM (SELECT cell, cityHash64(any(experiment)) AS of, count() AS users FROM exposed GROUP BY cell)),
ranked AS (
    SELECT measure, any(r.cap) AS value, arraySort(groupArray(y)) AS ys, toInt64(any(everybody.n)) AS units,
           toInt64(ceil(any(r.cap_share) * units)) AS rank, toInt64(arrayCount(v -> v < 0, ys)) AS below, units - toInt64(length(ys)) AS idle
    FROM did
    INNER JOIN (SELECT metric, cap, cap_share FROM metric_rules FINAL WHERE cap > 0 OR cap_share > 0) AS r ON did.metric = r.metric
    INNER JOIN everybody ON did.cell = everybody.cell
    GROUP BY measure
)
SELECT measure, multiIf(value > 0, value, rank <= below, ys[rank], rank <= below + idle, 0., ys[rank - idle]) AS cap
FROM ranked
