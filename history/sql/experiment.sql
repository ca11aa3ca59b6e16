-- experiment.sql: one row: what is known of the experiment and its arms; none if it is
-- not known.
SELECT e.title, e.control, e.excluded, e.started, e.ended, a.names, a.weights
FROM (SELECT * FROM experiments FINAL WHERE experiment = {experiment:String}) AS e
LEFT JOIN (
    SELECT experiment, groupArray(arm) AS names, groupArray(weight) AS weights
    FROM arms FINAL WHERE experiment = {experiment:String} GROUP BY experiment
) AS a ON a.experiment = e.experiment
