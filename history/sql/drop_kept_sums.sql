-- drop_kept_sums.sql: forgets what was mined.
DROP TABLE IF EXISTS kept_sums SYNC
