-- drop_facts.sql: clears what an import has staged.
DROP TABLE IF EXISTS staging_facts SYNC
