-- widen_assignments.sql: gives rows that an older build staged, and did not come to
-- publish, the columns that assignments has had since (migration 0007).
ALTER TABLE staging_assignments ADD COLUMN IF NOT EXISTS logged UInt8 AFTER segment
