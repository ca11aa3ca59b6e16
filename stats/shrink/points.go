package shrink

import (
	"fmt"
	"slices"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// Points are the places of the point masses of a nonparametric fit.
type Points struct {
	// At are the places, rising, in the unit of effects. None means Count evenly
	// spaced ones from the smallest to the largest estimate, outside of which the
	// likeliest distribution has no mass.
	At []float64
	// Count is the number of places; zero means 300, one is refused.
	Count int
}

func (o Points) check() error {
	errs := []error{input.Check(o.Count == 0 || o.Count >= 2 && o.Count <= 1e6, "Count", float64(o.Count), "must be 2 or more, at most a million")}
	for i, at := range o.At {
		errs = append(errs, input.Finite(fmt.Sprintf("At[%d]", i), at), rising("At", o.At, i))
	}
	return input.First(errs...)
}

// Nonparametric fits the distribution of true effects behind the estimates
// without any assumption of its shape, by maximum likelihood:
//
//	δᵢ ~ G      δ̂ᵢ | δᵢ ~ N(δᵢ, seᵢ²)      maximise Σᵢ log Σ_k π_k N(δ̂ᵢ; x_k, seᵢ²)
//
// over point masses π_k at the places x_k. The answer has few points, and its
// tails end at the largest estimates: use it to see the shape, or to check that a
// smoother prior does not miss one. Its posterior means are those of Tweedie's
// formula, δ̂ᵢ + seᵢ² (log f)′(δ̂ᵢ) with f the fitted density of estimates of that
// standard error. LogRatio is against every effect being 0.
//
// 1,000 estimates at 300 places take about ten milliseconds. Where places are wider
// apart than the smallest standard error, estimates fall between them: give At.
//
// The error is an *InputError for an empty list, or naming the first estimate or
// option that cannot be used.
//
// Source: Kiefer & Wolfowitz (1956), Ann. Math. Stat. 27:887–906; Koenker & Mizera
// (2014), "Convex optimization, shape constraints, compound decisions, and
// empirical Bayes rules", JASA 109:674–685, §2.
func Nonparametric(es []stats.Estimate, o Points) (Fit, error) {
	if err := checkEstimates(es); err != nil {
		return Fit{}, err
	}
	if err := o.check(); err != nil {
		return Fit{}, err
	}
	es = ordered(es)
	places := points{o.places(es)}
	fit := describe(programme{newMatrix(places, es), make([]float64, places.size())}, 0)
	gap := 0.0
	for k := range len(places.at) - 1 {
		gap = max(gap, places.at[k+1]-places.at[k])
	}
	if gap > es[0].SE { // the smallest, as they are ordered
		fit.Warnings = append(fit.Warnings, "places are wider apart than the smallest standard error: give more, or Points.At")
	}
	return fit, nil
}

func (o Points) places(es []stats.Estimate) []float64 {
	if len(o.At) > 0 {
		return o.At
	}
	low, high := extent(es)
	count := o.Count
	if count == 0 {
		count = 300
	}
	at := make([]float64, count)
	for k := range at {
		// In this form rounding keeps the order.
		at[k] = min(high, low+(high-low)*(float64(k)/float64(count-1)))
	}
	at[count-1] = high
	return slices.Compact(at) // all equal, or too close for so many numbers between
}

// extent is the smallest and the largest estimate.
func extent(es []stats.Estimate) (low, high float64) {
	low, high = es[0].Value, es[0].Value
	for _, e := range es {
		low, high = min(low, e.Value), max(high, e.Value)
	}
	return low, high
}
