-- Raw data, for those who have it: who was in which arm, and what they did.
CREATE TABLE IF NOT EXISTS assignments (
    experiment String,
    unit       String,
    arm        String,
    exposed_at DateTime('UTC'),
    segment    String,
    line       Int64,
    version    UInt64,
    deleted    UInt8
) ENGINE = ReplacingMergeTree(version, deleted) ORDER BY (experiment, unit, arm, exposed_at);

-- A fact belongs to one experiment, or with experiment '' to each that its unit
-- was in at the time. Facts of one unit and metric add up.
CREATE TABLE IF NOT EXISTS facts (
    experiment  String,
    metric      String,
    unit        String,
    at          DateTime('UTC'),
    event       String,          -- tells apart facts of one second
    value       Float64,
    pre         Float64,         -- the same metric before exposure
    ratio       UInt8,           -- 1: the metric is Σ value / Σ denominator
    denominator Float64,
    line        Int64,
    version     UInt64,
    deleted     UInt8
) ENGINE = ReplacingMergeTree(version, deleted) ORDER BY (experiment, metric, unit, at, event);
