-- What an experiment was planned as and what else its users met, by which screens
-- judge it; and which definition of its metric a row was measured by. Empty and 0:
-- not said. planned_users is of all arms; analysis is fixed or sequential.
ALTER TABLE experiments ADD COLUMN IF NOT EXISTS planned_end DateTime('UTC') AFTER ended,
    ADD COLUMN IF NOT EXISTS planned_users Float64 AFTER planned_end,
    ADD COLUMN IF NOT EXISTS analysis String AFTER planned_users,
    ADD COLUMN IF NOT EXISTS layer String AFTER analysis,
    ADD COLUMN IF NOT EXISTS overlap String AFTER layer;
ALTER TABLE outcomes ADD COLUMN IF NOT EXISTS definition String AFTER sum_xd;
ALTER TABLE facts ADD COLUMN IF NOT EXISTS definition String AFTER denominator;
