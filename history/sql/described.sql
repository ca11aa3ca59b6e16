-- described.sql: one row per experiment, with its arms and what is known of each.
SELECT e.experiment, e.title, e.hypothesis, e.surface, e.component, e.change_type, e.source, e.generator, e.team, e.author,
       e.started, e.ended, e.control, e.excluded, a.names, a.titles, a.attributes_of
FROM (SELECT * FROM experiments FINAL) AS e
LEFT JOIN (
    SELECT experiment, groupArray(arm) AS names, groupArray(title) AS titles, groupArray(attributes) AS attributes_of
    FROM arms FINAL GROUP BY experiment
) AS a ON a.experiment = e.experiment
