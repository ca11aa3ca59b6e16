-- kinds.sql: one row: whether there are users, facts of an experiment's own, and events;
-- and how many metrics have a cap.
SELECT (SELECT count() > 0 FROM (SELECT 1 FROM assignments LIMIT 1)) AS users,
       (SELECT count() > 0 FROM (SELECT 1 FROM facts WHERE experiment != '' LIMIT 1)) AS own_facts,
       (SELECT count() > 0 FROM (SELECT 1 FROM facts WHERE experiment = '' LIMIT 1)) AS events,
       (SELECT count() FROM metric_rules FINAL WHERE cap > 0 OR cap_share > 0) AS caps
