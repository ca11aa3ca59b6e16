package bayes

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/solve"
)

func whenValid(d interface{ Check() error }, x float64) float64 {
	if d.Check() != nil {
		return math.NaN()
	}
	return x
}

// concaveKnots are points around the mode of a concave log density, of about this
// width: between the outermost lies all of it but 1e-17.
func concaveKnots(log func(float64) float64, mode, width float64) []float64 {
	top := log(mode)
	end := func(side float64) float64 {
		far := width
		for top-log(mode+side*far) < 40 {
			far *= 2
		}
		return side * solve.Root(0, far, 1e-3*far, func(x float64) float64 { return top - log(mode+side*x) - 40 })
	}
	left, right := end(-1), end(1)
	return []float64{mode + left, mode + left/3, mode + max(-width, left/6), mode + min(width, right/6), mode + right/3, mode + right}
}

// invertTails finds the point of an arm with mass q below it, by the log of the
// smaller tail, which is nearly straight far out.
func invertTails(a arm, q float64) float64 {
	const least = math.SmallestNonzeroFloat64 // a root finder cannot use log 0
	excess := func(v float64) float64 {
		below, above := a.tails(v)
		if q > 0.5 {
			return math.Log(max(above, least)) - math.Log(1-q)
		}
		return math.Log(max(below, least)) - math.Log(q)
	}
	lo, hi := a.knots[0], a.knots[len(a.knots)-1]
	for i := 0; i < 60 && (excess(lo) > 0) == (excess(hi) > 0); i++ { // beyond the knots
		lo, hi = lo-(hi-lo)/2, hi+(hi-lo)/2
	}
	return solve.Root(lo, hi, 0, excess)
}
