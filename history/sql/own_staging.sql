-- own_staging.sql: says who imports, so that others can tell whether it lives.
INSERT INTO staging_owner (host, pid, token) SELECT {host:String}, {pid:Int64}, {token:String}
