-- What was tested. Everywhere: the row of the newest version counts, and one
-- marked deleted takes its key out.
CREATE TABLE IF NOT EXISTS experiments (
    experiment  String,
    title       String,
    hypothesis  String,
    surface     String,
    component   String,
    change_type String,
    source      String,          -- 'human', 'ai' or ''
    generator   String,
    team        String,
    author      String,
    decision    String,
    started     DateTime('UTC'), -- 1970-01-01: unknown
    ended       DateTime('UTC'), -- 1970-01-01: still running
    control     String,          -- the arm that the others are compared with; '': none
    excluded    String,          -- why it must not be learned from; '': it may
    line        Int64,           -- of the imported file
    version     UInt64,          -- imports.id
    deleted     UInt8
) ENGINE = ReplacingMergeTree(version, deleted) ORDER BY experiment;

CREATE TABLE IF NOT EXISTS arms (
    experiment String,
    arm        String,
    title      String,
    weight     Float64,          -- planned share of the users; 0: equal shares
    attributes Map(String, String),
    version    UInt64,
    deleted    UInt8
) ENGINE = ReplacingMergeTree(version, deleted) ORDER BY (experiment, arm);
