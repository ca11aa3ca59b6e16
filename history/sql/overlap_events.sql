-- overlap_events.sql: one number, 0 when the store holds no event of the staged metrics
-- in the staged span of time, so that no row needs to be compared.
SELECT count() FROM (
    SELECT 1 FROM facts
    WHERE experiment = '' AND metric IN (SELECT DISTINCT metric FROM staging_facts)
      AND at BETWEEN (SELECT min(at) FROM staging_facts) AND (SELECT max(at) FROM staging_facts)
    LIMIT 1)
