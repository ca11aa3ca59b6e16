-- overlap.sql: one number, 0 when the store holds nothing about the staged
-- experiments, so that no row needs to be compared.
SELECT (SELECT count() FROM (SELECT 1 FROM outcomes WHERE experiment IN (SELECT experiment FROM staging_experiments) LIMIT 1))
     + (SELECT count() FROM (SELECT 1 FROM assignments WHERE experiment IN (SELECT experiment FROM staging_experiments) LIMIT 1))
     + (SELECT count() FROM (SELECT 1 FROM facts WHERE experiment IN (SELECT experiment FROM staging_experiments) LIMIT 1)) AS found
