-- Sufficient statistics: sums over users of the metric y, its denominator d (1
-- for a plain mean) and its value before exposure x (0 where unknown).
-- Plain String columns: sorted, they compress as well as a dictionary would,
-- and are inserted several times faster.
CREATE TABLE IF NOT EXISTS outcomes (
    experiment String,
    metric     String,
    segment    String,           -- '': everybody
    arm        String,
    at         DateTime('UTC'),  -- the day of additive rows, the instant of cumulative ones; 1970-01-01: neither
    cumulative UInt8,            -- 1: only the last instant counts; 0: days add up
    n          Float64,
    sum_y      Float64,
    sum_yy     Float64,          -- NaN: the file has no variance
    sum_d      Float64,
    sum_dd     Float64,
    sum_yd     Float64,
    sum_x      Float64,
    sum_xx     Float64,
    sum_xy     Float64,
    line       Int64,
    version    UInt64,
    deleted    UInt8
) ENGINE = ReplacingMergeTree(version, deleted) ORDER BY (experiment, metric, segment, arm, at);
