-- already_imported.sql: one number, how often this content came in by this
-- mapping; with replace only those that removed what the file did not hold. last_of:
-- only if nothing came in under this name since; '': whatever did.
SELECT count() FROM imports FINAL
WHERE sha256 = {sha256:String} AND mapping = {mapping:String} AND replaced >= {replace:UInt8}
  AND ({last_of:String} = '' OR id = (SELECT max(id) FROM imports WHERE file = {last_of:String}))
