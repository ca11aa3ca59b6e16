package mapping

import "math"

// Bounds of instants, in seconds since 1970, wherever they come from: a number outside
// them counts something else, such as milliseconds.
const (
	FirstCounted = 100_000_000    // 1973: of what is a number
	LastInstant  = math.MaxUint32 // 2106, the end of ClickHouse's DateTime
)
