-- release_staging.sql: gives the right to import back.
DROP TABLE IF EXISTS staging_owner SYNC
