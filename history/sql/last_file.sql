-- last_file.sql: one text, the last in order of the imported files whose names begin
-- like this; '': there is none.
SELECT max(file) FROM imports FINAL WHERE state = 2 AND startsWith(file, {beginning:String})
