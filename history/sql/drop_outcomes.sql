-- drop_outcomes.sql: clears what an import has staged.
DROP TABLE IF EXISTS staging_outcomes SYNC
