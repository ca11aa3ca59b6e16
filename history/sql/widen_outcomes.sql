-- widen_outcomes.sql: gives rows that an older build staged, and did not come to
-- publish, the columns that outcomes has had since (migrations 0005 and 0006).
ALTER TABLE staging_outcomes
    ADD COLUMN IF NOT EXISTS sum_xd Float64 DEFAULT if(sum_d = n AND sum_dd = n, sum_x, nan) AFTER sum_xy,
    ADD COLUMN IF NOT EXISTS definition String AFTER sum_xd
