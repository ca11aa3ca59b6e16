-- widen_experiments.sql: gives rows that an older build staged, and did not come to
-- publish, the columns that experiments has had since (migration 0006).
ALTER TABLE staging_experiments
    ADD COLUMN IF NOT EXISTS planned_end DateTime('UTC') AFTER ended,
    ADD COLUMN IF NOT EXISTS planned_users Float64 AFTER planned_end,
    ADD COLUMN IF NOT EXISTS analysis String AFTER planned_users,
    ADD COLUMN IF NOT EXISTS layer String AFTER analysis,
    ADD COLUMN IF NOT EXISTS overlap String AFTER layer
