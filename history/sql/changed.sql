-- changed.sql: the experiments of which something was said since the import `since`,
-- or by rows that no import brought, about which nothing can be known: they are read
-- whenever sums are brought up to date. Rows that
-- supersede and remove others count as well as new ones.
WITH
imported AS (SELECT id FROM imports),
-- Events count for whom they happened to while it counted (happened.sql), as far as
-- can be said without looking for the unit's first exposure.
events AS (
    SELECT cityHash64(unit) AS who, toInt64(toUnixTimestamp(at)) AS at, toInt64(window_seconds) AS window, toInt64(look_back_seconds) AS look_back
    FROM (SELECT metric, unit, at FROM facts WHERE experiment = '' AND (version > {since:UInt64} OR version NOT IN imported)) AS f
    LEFT JOIN (SELECT * FROM metric_rules FINAL) AS r ON r.metric = f.metric
),
reruled AS (SELECT metric FROM metric_rules WHERE version > {since:UInt64} OR version NOT IN imported)
SELECT experiment FROM experiments WHERE version > {since:UInt64} OR version NOT IN imported
UNION DISTINCT
SELECT experiment FROM outcomes WHERE version > {since:UInt64} OR version NOT IN imported
UNION DISTINCT
SELECT experiment FROM assignments WHERE version > {since:UInt64} OR version NOT IN imported
UNION DISTINCT
SELECT experiment FROM facts WHERE experiment != '' AND (version > {since:UInt64} OR version NOT IN imported)
UNION DISTINCT
SELECT experiment FROM facts WHERE experiment != '' AND metric IN reruled
UNION DISTINCT
SELECT experiment FROM assignments WHERE (SELECT count() FROM (SELECT 1 FROM facts WHERE experiment = '' AND metric IN reruled LIMIT 1)) > 0
UNION DISTINCT
SELECT a.experiment
FROM (
    SELECT experiment, cityHash64(unit) AS who, toInt64(toUnixTimestamp(exposed_at)) AS since
    FROM assignments WHERE cityHash64(unit) IN (SELECT who FROM events)
) AS a
INNER JOIN events ON events.who = a.who
LEFT JOIN (SELECT experiment, toInt64(toUnixTimestamp(ended)) AS until FROM experiments FINAL) AS e ON e.experiment = a.experiment
WHERE events.at >= a.since - events.look_back AND if(events.window > 0, events.at < a.since + events.window, e.until = 0 OR events.at <= e.until)
