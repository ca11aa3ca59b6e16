-- drop_experiments.sql: clears what an import has staged.
DROP TABLE IF EXISTS staging_experiments SYNC
