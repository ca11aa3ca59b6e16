package bayes

import (
	"cmp"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// Summary is what one distribution says, usually a posterior.
type Summary struct {
	Mean         float64        `json:"mean"`
	SD           float64        `json:"sd"`
	Median       float64        `json:"median"`
	ProbPositive float64        `json:"prob_positive"` // P(value > 0)
	EqualTailed  stats.Interval `json:"equal_tailed"`
	Shortest     stats.Interval `json:"shortest"` // highest density, see HighestDensity
}

// Summarise describes a distribution that has a mean and a variance, as every
// posterior has. Intervals hold the value with probability level, in (0, 1); 0
// means 0.95. The error is an *InputError: of the distribution's Check, of Level,
// or of d.SD for a prior without a finite variance (a t of 2 degrees of freedom or
// fewer): take Quantile, EqualTailed and HighestDensity of such a one.
func Summarise(d Distribution, level float64) (Summary, error) {
	equal, err := EqualTailed(d, level)
	if err != nil {
		return Summary{}, err
	}
	s := Summary{Mean: d.Mean(), SD: d.SD(), Median: d.Quantile(0.5), ProbPositive: d.ProbAbove(0), EqualTailed: equal}
	if math.IsNaN(s.Mean) || math.IsNaN(s.SD) || math.IsInf(s.SD, 0) {
		return Summary{}, &stats.InputError{Field: "d.SD", Value: s.SD, Reason: "there is no finite mean and variance to report; see the quantiles"}
	}
	s.Shortest, err = HighestDensity(d, level)
	return s, err
}

// EqualTailed returns the credible interval from the quantile (1 − level)/2 to the
// quantile (1 + level)/2, with the error of d's Quantile. An end is infinite where
// that is. Level 0 means 0.95.
//
// Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., §2.3.
func EqualTailed(d Distribution, level float64) (stats.Interval, error) {
	level, err := checkLevel(d, level)
	if err != nil {
		return stats.Interval{}, err
	}
	return stats.Interval{Low: d.Quantile((1 - level) / 2), High: d.Quantile((1 + level) / 2), Level: level}, nil
}

func checkLevel(d Distribution, level float64) (float64, error) {
	if d == nil {
		return 0, &stats.InputError{Field: "d", Reason: "there is no distribution"}
	}
	level = cmp.Or(level, 0.95)
	return level, input.First(d.Check(), input.Fraction("Level", level))
}
