-- imports_digest.sql: one number that tells which imports are in place up to this one.
SELECT groupBitXor(cityHash64(id)) + count() FROM imports FINAL WHERE state = 2 AND id <= {until:UInt64}
