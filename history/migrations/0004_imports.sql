-- Every file that was ever imported. A row in state 1 is the decision to
-- publish what lies in staging, one in state 2 says that it has happened.
CREATE TABLE IF NOT EXISTS imports (
    id       UInt64,             -- the version of the rows it brought; rises from import to import
    file     String,
    sha256   String,
    mapping  String,             -- digest of the mapping
    replaced UInt8,              -- 1: rows that the file did not hold were removed
    rows     Int64,
    at       DateTime('UTC'),
    state    UInt8
) ENGINE = ReplacingMergeTree(state) ORDER BY id;
