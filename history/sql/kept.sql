-- kept.sql: one row per sum that is kept of a source that counts for its metric. Those
-- of metric '' are numbers of users.
SELECT experiment, metric, segment, arm, source, ratio, sum
FROM (
    SELECT experiment, metric, segment, arm, source, ratio, sum, max(source) OVER (PARTITION BY experiment, metric) AS finest
    FROM kept_sums FINAL
    ARRAY JOIN metrics AS metric, segments AS segment, arms AS arm, sources AS source, ratios AS ratio, sums AS sum
    WHERE digest = {digest:String} AND (empty({experiments:Array(String)}) OR experiment IN {experiments:Array(String)})
      AND metric IN ('', if({metric:String} = '', metric, {metric:String}))
)
WHERE source = finest AND ({every_segment:UInt8} = 1 OR segment = {segment:String})
