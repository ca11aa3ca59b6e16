-- catalog.sql: one row per experiment of those that are asked for, [] for all, with its
-- arms: what is known of them.
SELECT e.experiment, e.title, e.hypothesis, e.surface, e.component, e.change_type, e.source, e.generator, e.team, e.author, e.decision,
       toInt64(toUnixTimestamp(e.started)) AS started, toInt64(toUnixTimestamp(e.ended)) AS ended, toInt64(toUnixTimestamp(e.planned_end)) AS planned_end,
       e.planned_users, e.analysis, e.layer, e.overlap, e.control, e.excluded, a.names, a.titles, a.weights, a.attributes_of
FROM (SELECT * FROM experiments FINAL WHERE empty({experiments:Array(String)}) OR experiment IN {experiments:Array(String)}) AS e
LEFT JOIN (
    SELECT experiment, groupArray(arm) AS names, groupArray(title) AS titles, groupArray(weight) AS weights, groupArray(attributes) AS attributes_of
    FROM arms FINAL WHERE empty({experiments:Array(String)}) OR experiment IN {experiments:Array(String)} GROUP BY experiment
) AS a ON a.experiment = e.experiment
