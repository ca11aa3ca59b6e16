-- claims.sql: one row per arm of which forecasts or scores were on record before its test, with
-- those attributes. Few histories have any.
SELECT experiment, arm, mapFilter((name, value) -> startsWith(name, {prefix:String}), attributes) AS claims
FROM arms FINAL WHERE notEmpty(claims)
