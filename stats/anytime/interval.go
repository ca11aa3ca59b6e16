package anytime

import (
	"math"

	"github.com/assay-planner/assay/stats"
)

// everything excludes no effect.
func everything(level float64) stats.Interval {
	return stats.Interval{Low: math.Inf(-1), High: math.Inf(1), Level: level}
}

// intersection of two intervals, and whether it holds anything.
func intersection(i, j stats.Interval) (stats.Interval, bool) {
	i.Low, i.High = math.Max(i.Low, j.Low), math.Min(i.High, j.High)
	return i, i.Low <= i.High
}
