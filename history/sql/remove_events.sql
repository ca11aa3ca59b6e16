-- remove_events.sql: stages the removal of every stored event of a staged metric that
-- lies between the first and the last staged event of that metric in one of the
-- files, and is not staged itself.
INSERT INTO staging_facts (experiment, metric, unit, at, event, version, deleted)
SELECT '', metric, unit, at, event, {version:UInt64}, 1
FROM (SELECT metric, unit, at, event FROM facts FINAL
      WHERE experiment = '' AND metric IN (SELECT DISTINCT metric FROM staging_facts)) AS stored
INNER JOIN (
    SELECT metric, groupArray((first, last)) AS spans
    FROM (SELECT version, metric, min(at) AS first, max(at) AS last FROM staging_facts GROUP BY version, metric)
    GROUP BY metric
) AS files USING metric
WHERE arrayExists(s -> at BETWEEN s.1 AND s.2, spans)
  AND (metric, unit, at, event) NOT IN (SELECT metric, unit, at, event FROM staging_facts)
