-- already_imported.sql: one number, how often this content came in by this
-- mapping; with replace only those that removed what the file did not hold.
SELECT count() FROM imports FINAL
WHERE sha256 = {sha256:String} AND mapping = {mapping:String} AND replaced >= {replace:UInt8}
