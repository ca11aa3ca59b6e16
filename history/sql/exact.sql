-- exact.sql: sums that are the same in whatever order threads, parts and shards add
-- them up. A summand becomes a whole multiple of 2⁻¹¹², and integers have exact sums.
-- Only for what is below 10³⁰.
WITH
x -> toInt256(x * pow(2, 112)) AS whole,
w -> toFloat64(w) * pow(2, -112) AS number_of,
