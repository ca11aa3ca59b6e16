-- claims.sql: one row per arm of which forecasts or scores were on record before its test, with
-- those attributes and the metric that they are of, empty where none is named. Few histories
-- have any.
SELECT experiment, arm, attributes[{of:String}] AS metric,
    mapFilter((name, value) -> startsWith(name, {prefix:String}), attributes) AS claims
FROM arms FINAL WHERE notEmpty(claims)
