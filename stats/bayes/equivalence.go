package bayes

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// Equivalence says how much of a posterior lies in a region of practical
// equivalence: effects too small to care for.
type Equivalence struct {
	Below  float64 `json:"below"`  // P(value ≤ low)
	Inside float64 `json:"inside"` // P(low < value ≤ high)
	Above  float64 `json:"above"`  // P(value > high)
	// Verdict compares the highest-density interval with the region: "equivalent" if
	// it lies inside, "different" if it lies outside, else "undecided".
	Verdict  string         `json:"verdict"`
	Interval stats.Interval `json:"interval"`
}

// Equivalent holds a posterior against the region from low to high, by its
// highest-density interval of a level in (0, 1); 0 means 0.95. The error is an
// *InputError for an invalid distribution or level, or a region that is empty.
//
// Source: Kruschke (2018), "Rejecting or Accepting Parameter Values in Bayesian
// Estimation", Advances in Methods and Practices in Psychological Science 1(2):270–280.
func Equivalent(d Distribution, low, high, level float64) (Equivalence, error) {
	if err := input.First(input.Finite("low", low), input.Finite("high", high), input.Check(low < high, "high", high, "must be above low")); err != nil {
		return Equivalence{}, err
	}
	in, err := HighestDensity(d, level)
	if err != nil {
		return Equivalence{}, err
	}
	e := Equivalence{Below: d.CDF(low), Above: d.ProbAbove(high), Interval: in, Verdict: "undecided"}
	e.Inside = math.Max(0, 1-e.Below-e.Above)
	switch {
	case low <= in.Low && in.High <= high:
		e.Verdict = "equivalent"
	case in.High < low || high < in.Low:
		e.Verdict = "different"
	}
	return e, nil
}
