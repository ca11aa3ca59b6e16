-- metric_rules.sql: one row per metric that has ever had rules.
SELECT metric, window_seconds, look_back_seconds, cap, cap_share FROM metric_rules FINAL
