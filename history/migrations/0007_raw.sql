-- Raw logs, as a warehouse has them. logged: the row is an entry of an exposure log,
-- in which a unit of an arm may stand many times; its first one counts.
ALTER TABLE assignments ADD COLUMN IF NOT EXISTS logged UInt8 AFTER segment;

-- How the facts of a metric become one number per unit. An event counts from the
-- exposure on, for window_seconds; in the look_back_seconds before, it is the unit's
-- value before exposure. What is above a cap counts as the cap: a value, or the
-- quantile cap_share of the units of all arms. 0: no such rule.
CREATE TABLE IF NOT EXISTS metric_rules (
    metric            String,
    window_seconds    UInt32,
    look_back_seconds UInt32,
    cap               Float64,
    cap_share         Float64,
    version           UInt64,
    deleted           UInt8
) ENGINE = ReplacingMergeTree(version, deleted) ORDER BY metric;
