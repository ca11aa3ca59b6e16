-- kept_sums.sql: what was mined, one row per experiment with all of its sums, so that
-- those of many experiments are put in place by one block, whole or not at all. Row
-- '' says up to which import everything was read, and which imports those were. What
-- was mined of a later state counts, whoever comes last; of one state the last.
-- Nothing is lost with the table but time: mining makes it again.
CREATE TABLE IF NOT EXISTS kept_sums (
    experiment String,
    state      UInt64,  -- the newest import that was in place before
    digest     String,  -- of the statements that made the sums; of '' with that of the imports
    metrics    Array(String),
    segments   Array(String),
    arms       Array(String),
    sources    Array(UInt8),
    ratios     Array(UInt8),
    sums       Array(Array(Float64))
) ENGINE = ReplacingMergeTree(state) ORDER BY experiment
