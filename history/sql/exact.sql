-- exact.sql: sums that are the same in whatever order threads, parts and shards add
-- them up. A summand becomes a whole multiple of 2⁻¹¹², and integers have exact sums.
-- Only for what is below 10³⁰.
--
-- That takes 256 bits. Where many are added up, 128 do, in half the time, if numbers
-- of like size are added up first. Their size is a power p, one more than a multiple of
-- 16: |x| · 2⁻ᵖ lies in [2⁻⁸, 2⁸), and a double of that size, or the product of two,
-- rounded, is a whole multiple of 2⁻⁶⁸. Of 2⁴³ such products the sum is exact. `fixed` is
-- made of two halves: beyond 64 bits the engine turns a double into another integer in
-- an expression that it has compiled than in one that it has not yet.
WITH
x -> toInt256(x * pow(2, 112)) AS whole,
w -> toFloat64(w) * pow(2, -112) AS number_of,
x -> toInt16(16 * bitAnd(bitShiftRight(reinterpretAsUInt64(x) + bitShiftLeft(toUInt64(8), 52), 56), 127) - 1023) AS power_of,
n -> reinterpretAsFloat64(bitShiftLeft(toUInt64(greatest(0, 1023 + n)), 52)) AS two_to,
x -> bitShiftLeft(toInt128(toInt64(x * pow(2, 40))), 28) + toInt64((x * pow(2, 40) - trunc(x * pow(2, 40))) * pow(2, 28)) AS fixed,
(w, p) -> number_of(sum(whole(toFloat64(w) * two_to(p - 68)))) AS added_up,
