-- drop_arms.sql: clears what an import has staged.
DROP TABLE IF EXISTS staging_arms SYNC
