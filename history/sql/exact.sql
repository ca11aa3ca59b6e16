-- exact.sql: sums that are the same in whatever order threads, parts and shards add
-- them up. A summand becomes a whole multiple of 2⁻¹¹², and integers have exact sums.
-- Only for what is below 10³⁰.
--
-- That takes 256 bits. Where many are added up, twice 64 do, in a third of the time, if
-- numbers of like size are added up first. The size of a number are the upper nine bits of
-- its exponent, raised by two, where they stand in the double. It says a power p, one more
-- than a multiple of 4: |x| · 2⁻ᵖ, which is x shrunk, lies in [2⁻², 2²). A double of that
-- size, or the product of two, rounded, is below 2⁴ and a whole multiple of 2⁻⁵⁶. Its upper
-- half are the multiples of 2⁻²⁶, its lower half the rest: integers below 2³⁰, of which 2³³,
-- more than there are people, have an exact sum of 64 bits. No more than 64, because beyond
-- the engine turns a double into another integer in an expression that it has compiled
-- than in one that it has not yet.
WITH
x -> toInt256(x * pow(2, 112)) AS whole,
w -> toFloat64(w) * pow(2, -112) AS number_of,
x -> bitAnd(reinterpretAsUInt64(x) + bitShiftLeft(toUInt64(2), 52), bitShiftLeft(toUInt64(511), 54)) AS size_of,
size -> toInt16(bitAnd(bitShiftRight(size, 52), 2044)) - 1023 AS power_of,
(x, size) -> x * reinterpretAsFloat64(bitShiftLeft(toUInt64(2046), 52) - size) AS shrunk,
n -> reinterpretAsFloat64(bitShiftLeft(toUInt64(greatest(0, 1023 + n)), 52)) AS two_to,
x -> (sum(toInt64(x * pow(2, 26))), sum(toInt64((x * pow(2, 26) - toInt64(x * pow(2, 26))) * pow(2, 30)))) AS halves,
(w, p) -> number_of(sum(whole(toFloat64(bitShiftLeft(toInt128(w.1), 30) + w.2) * two_to(p - 56)))) AS added_up,
