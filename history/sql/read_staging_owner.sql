-- read_staging_owner.sql: the one row of the owner, or none.
SELECT host, pid, token, toInt64(now() - since) AS seconds FROM staging_owner LIMIT 1
