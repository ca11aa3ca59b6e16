-- Times are UTC text of fixed width (2026-11-23T02:00:00.000000000Z): they sort
-- as they read, and sqlite3 shows them to people. Bodies are the JSON of the
-- planner's types; only what a query needs is a column.

-- +goose Up

-- One row per hypothesis, withdrawn ones included.
CREATE TABLE hypotheses (
    id           TEXT PRIMARY KEY,
    submitted_at TEXT NOT NULL,
    withdrawn_at TEXT,
    source       TEXT GENERATED ALWAYS AS (json_extract(body, '$.source')) VIRTUAL,
    surface      TEXT GENERATED ALWAYS AS (json_extract(body, '$.surface')) VIRTUAL,
    body         TEXT NOT NULL CHECK (json_valid(body))
) STRICT;
CREATE INDEX hypotheses_by_submission ON hypotheses (submitted_at, id);

-- One row per plan that was ever in force; the one with the latest at is.
CREATE TABLE plans (
    at     TEXT PRIMARY KEY,
    id     TEXT NOT NULL,
    digest TEXT NOT NULL, -- of the inputs: same digest and time, same plan
    body   TEXT NOT NULL CHECK (json_valid(body))
) STRICT;

-- One row per hypothesis that a plan started that night. Later weeks of a plan
-- are forecasts and stay in its body.
CREATE TABLE starts (
    plan_at    TEXT NOT NULL REFERENCES plans (at) ON DELETE CASCADE,
    hypothesis TEXT NOT NULL,
    starts_at  TEXT NOT NULL,
    body       TEXT NOT NULL CHECK (json_valid(body)),
    PRIMARY KEY (plan_at, hypothesis)
) STRICT;
CREATE INDEX starts_by_time ON starts (starts_at, hypothesis);

-- One row per change, written in the transaction of the change.
CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    at      TEXT NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL, -- submit, withdraw, plan
    subject TEXT NOT NULL, -- the hypothesis's or plan's id
    before  TEXT CHECK (before IS NULL OR json_valid(before)),
    after   TEXT CHECK (after IS NULL OR json_valid(after))
) STRICT;
CREATE INDEX audit_by_subject ON audit (subject, seq);

-- +goose StatementBegin
CREATE TRIGGER audit_is_never_rewritten BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
-- +goose StatementEnd
