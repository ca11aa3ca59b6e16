-- widen_facts.sql: gives rows that an older build staged, and did not come to
-- publish, the columns that facts has had since (migration 0006).
ALTER TABLE staging_facts ADD COLUMN IF NOT EXISTS definition String AFTER denominator
