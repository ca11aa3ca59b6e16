-- staging_owner.sql: taking this name takes the right to import. Creating a
-- table that exists fails, in one process and between many.
CREATE TABLE staging_owner (host String, pid Int64, token String, since DateTime('UTC') DEFAULT now())
ENGINE = MergeTree ORDER BY since
