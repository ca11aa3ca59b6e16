-- changed.sql: the experiments of which something was said since the import `since`,
-- or by rows that no import brought, about which nothing can be known: they are read
-- whenever sums are brought up to date. Rows that
-- supersede and remove others count as well as new ones.
--
-- events: the source of sums that are events (kept_sums.sources).
WITH
imported AS (SELECT id FROM imports),
-- Events count for whom they happened to while it counted (happened.sql), as far as
-- can be said without looking for the unit's first exposure, and by a unit's first and
-- last event: what a year brought is as many rows as there are units.
events AS (
    SELECT cityHash64(unit) AS who, min(toInt64(toUnixTimestamp(at))) AS first, max(toInt64(toUnixTimestamp(at))) AS last,
           toInt64(window_seconds) AS window, toInt64(look_back_seconds) AS look_back
    FROM (SELECT metric, unit, at FROM facts WHERE experiment = '' AND (version > {since:UInt64} OR version NOT IN imported)) AS f
    LEFT JOIN (SELECT * FROM metric_rules FINAL) AS r ON r.metric = f.metric
    GROUP BY who, window, look_back
),
reruled AS (SELECT metric FROM metric_rules WHERE version > {since:UInt64} OR version NOT IN imported),
-- A rule of events concerns whose sums they are in. Where they are in none, another window
-- may reach them: as far as can be said by the times of all exposures and all events.
counted AS (
    SELECT experiment, metric
    FROM (SELECT experiment, metric FROM kept_sums FINAL ARRAY JOIN metrics AS metric, sources AS source WHERE source = {events:UInt8})
    WHERE metric IN reruled
),
uncounted AS (
    SELECT e.experiment AS experiment, e.until AS until, f.metric AS metric, f.first AS first, f.last AS last,
           toInt64(r.window_seconds) AS window, toInt64(r.look_back_seconds) AS look_back
    FROM (SELECT experiment, toInt64(toUnixTimestamp(ended)) AS until FROM experiments FINAL) AS e
    CROSS JOIN (
        SELECT metric, toInt64(toUnixTimestamp(min(at))) AS first, toInt64(toUnixTimestamp(max(at))) AS last
        FROM facts WHERE experiment = '' AND metric IN reruled GROUP BY metric
    ) AS f
    INNER JOIN (SELECT * FROM metric_rules FINAL) AS r ON r.metric = f.metric
    WHERE (e.experiment, f.metric) NOT IN counted
)
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
SELECT experiment FROM counted
UNION DISTINCT
SELECT a.experiment
FROM (
    SELECT experiment, toInt64(toUnixTimestamp(min(exposed_at))) AS since, toInt64(toUnixTimestamp(max(exposed_at))) AS latest
    FROM assignments WHERE experiment IN (SELECT experiment FROM uncounted) GROUP BY experiment
) AS a
INNER JOIN uncounted AS u ON u.experiment = a.experiment
WHERE u.last >= a.since - u.look_back AND if(u.window > 0, u.first < a.latest + u.window, u.until = 0 OR u.first <= u.until)
UNION DISTINCT
SELECT a.experiment
FROM (
    SELECT experiment, cityHash64(unit) AS who, toInt64(toUnixTimestamp(exposed_at)) AS since
    FROM assignments WHERE cityHash64(unit) IN (SELECT who FROM events)
) AS a
INNER JOIN events ON events.who = a.who
LEFT JOIN (SELECT experiment, toInt64(toUnixTimestamp(ended)) AS until FROM experiments FINAL) AS e ON e.experiment = a.experiment
WHERE events.last >= a.since - events.look_back AND if(events.window > 0, events.first < a.since + events.window, e.until = 0 OR events.first <= e.until)
SETTINGS max_bytes_before_external_group_by = 50000000
