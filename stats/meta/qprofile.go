package meta

import (
	"cmp"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/gamma"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/solve"
	"gonum.org/v1/gonum/mathext"
)

// Heterogeneity is how far true effects may differ between studies.
type Heterogeneity struct {
	Tau2     stats.Interval `json:"tau2"` // of τ², in the square of the estimates' unit
	I2       stats.Interval `json:"i2"`   // of I², a fraction, as in Result
	H2       stats.Interval `json:"h2"`   // of H², from 1, as in Result
	Warnings []string       `json:"warnings,omitempty"`
}

// QProfile is the interval of τ² that holds it with probability level, whatever
// estimator Fit uses; 0 means 0.95. With wᵢ = 1/(vᵢ + τ²) and μ the mean with these
// weights,
//
//	Q(τ²) = Σ wᵢ(yᵢ − μ)²
//
// is χ² with k − 1 degrees of freedom at the true τ² and falls as τ² grows. The
// interval is all τ² ≥ 0 whose Q lies between the quantiles (1 ∓ level)/2: exact for
// normal effects and known vᵢ, with any k ≥ 2. The intervals of I² and H² are those of
// the same τ²; see Fit for both.
//
// Estimates that differ by much less than their standard errors explain leave no τ²
// at all: the interval is then 0 to 0, and a warning says so.
//
// The error is an *InputError: for fewer than two estimates, those that Fit refuses,
// and a level outside (0, 1).
//
// Source: Viechtbauer (2007), Statistics in Medicine 26:37–52, §3.1; the same as
// metafor's confint of an rma.
func QProfile(es []stats.Estimate, level float64) (Heterogeneity, error) {
	level = cmp.Or(level, 0.95)
	if err := input.First(
		input.Fraction("level", level),
		input.Check(len(es) > 1, "es", float64(len(es)), "at least two estimates are needed"),
		checkEstimates(es)); err != nil {
		return Heterogeneity{}, err
	}
	s, df, miss := standardise(es), float64(len(es)-1), (1-level)/2
	low := s.falling(func(q float64) float64 { return miss - gamma.ChiSquareTail(q, len(es)-1) })
	high := max(low, s.falling(func(q float64) float64 { return mathext.GammaIncReg(df/2, q/2) - miss }))
	var h Heterogeneity
	if high == 0 {
		h.Warnings = append(h.Warnings, "the estimates differ by less than their standard errors explain with any τ²: are those right, and the studies independent?")
	}
	typical := s.typical()
	between := func(f func(tau2 float64) float64) stats.Interval {
		return stats.Interval{Low: f(low), High: f(high), Level: level}
	}
	h.Tau2 = between(func(tau2 float64) float64 { return tau2 * s.unit * s.unit })
	h.I2 = between(func(tau2 float64) float64 { return tau2 / (tau2 + typical) })
	h.H2 = between(func(tau2 float64) float64 { return 1 + tau2/typical })
	return h, nil
}

// falling is the τ² at which the rising function of Q turns negative, and 0 where it
// always is.
func (s studies) falling(of func(q float64) float64) float64 {
	f := func(tau2 float64) float64 { return of(s.at(tau2).q) }
	if !(f(0) > 0) {
		return 0
	}
	return solve.Root(0, s.ceiling(f), 0, f)
}
