-- +goose Up

-- One row per line of the ledger: who holds which buckets of which layer, when. The body
-- is a planner.Lease. Lines are only ever added; the last one of a lease counts.
CREATE TABLE ledger (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    written_at TEXT NOT NULL,
    event      TEXT GENERATED ALWAYS AS (json_extract(body, '$.event')) VIRTUAL,
    layer      TEXT GENERATED ALWAYS AS (json_extract(body, '$.segment') || '/' || json_extract(body, '$.layer')) VIRTUAL,
    experiment TEXT GENERATED ALWAYS AS (json_extract(body, '$.experiment')) VIRTUAL,
    body       TEXT NOT NULL CHECK (json_valid(body))
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER ledger_is_never_rewritten BEFORE UPDATE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_is_never_deleted BEFORE DELETE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
-- +goose StatementEnd

-- What earlier versions decided: the layers of the plan in force, every test, those that
-- were withdrawn while they ran, and what rests. Starts from before layers had salts
-- and numbers of their own say neither.
INSERT INTO ledger (written_at, body)
SELECT p.at, json_object('at', p.at, 'event', 'layer', 'segment', l.value ->> '$.segment', 'layer', l.value ->> '$.layer',
    'salt', l.value ->> '$.salt', 'buckets', l.value ->> '$.buckets', 'holdout', json_extract(l.value, '$.holdout'), 'from', p.at)
FROM (SELECT at, body FROM plans ORDER BY at DESC LIMIT 1) AS p, json_each(p.body, '$.layers') AS l
ORDER BY l.id;

INSERT INTO ledger (written_at, body)
SELECT plan_at, json_object('at', plan_at, 'event', 'started', 'segment', body ->> '$.segment', 'layer', body ->> '$.layer',
    'salt', coalesce(body ->> '$.salt', (body ->> '$.segment') || '/' || (body ->> '$.layer')), 'buckets', coalesce(body ->> '$.of_buckets', 10000),
    'experiment', body ->> '$.experiment', 'hypothesis', hypothesis, 'from', body ->> '$.from', 'until', body ->> '$.until',
    'control', json_extract(body, '$.control'), 'treatment', json_extract(body, '$.treatment'))
FROM starts
ORDER BY starts_at, hypothesis;

INSERT INTO ledger (written_at, body)
SELECT h.withdrawn_at, json_set(g.body, '$.at', h.withdrawn_at, '$.event', 'withdrawn',
    '$.until', CASE WHEN datetime(h.withdrawn_at) < datetime(g.body ->> '$.from') THEN g.body ->> '$.from' ELSE h.withdrawn_at END)
FROM ledger AS g JOIN hypotheses AS h ON h.id = g.body ->> '$.hypothesis'
WHERE g.event = 'started' AND datetime(h.withdrawn_at) < datetime(g.body ->> '$.until')
ORDER BY h.withdrawn_at, h.id;

INSERT INTO ledger (written_at, body)
SELECT p.at, json_object('at', p.at, 'event', 'rests', 'segment', r.value ->> '$.segment', 'layer', r.value ->> '$.layer',
    'salt', g.body ->> '$.salt', 'buckets', g.body ->> '$.buckets', 'experiment', r.value ->> '$.experiment', 'hypothesis', r.value ->> '$.hypothesis',
    'from', r.value ->> '$.from', 'until', r.value ->> '$.until', 'resting', json_extract(r.value, '$.ranges'), 'reason', r.value ->> '$.reason')
FROM (SELECT at, body FROM plans ORDER BY at DESC LIMIT 1) AS p, json_each(p.body, '$.resting') AS r
JOIN ledger AS g ON g.event = 'started' AND g.experiment = r.value ->> '$.experiment'
ORDER BY r.id;
