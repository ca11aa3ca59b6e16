package value

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// Production is what users turn into when ideas of one kind are tested and those
// ship whose posterior mean is above 0: the production function of a test.
type Production struct {
	// Prior is the distribution of the ideas' true effects, lifts as fractions. It
	// must have a mean.
	Prior bayes.Prior `json:"prior"`
	// Sigma is the noise of one user, in the unit of the effect: an estimate from n
	// users has the standard error Sigma/√n. For two equal arms of outcomes with
	// standard deviation s it is 2s.
	Sigma float64 `json:"sigma"`
}

// TestValue is what a test of some users is worth, for one idea.
type TestValue struct {
	Users float64 `json:"users"` // n, of all arms together
	SE    float64 `json:"se"`    // Sigma/√n
	Gain  float64 `json:"gain"`  // f(n) = E[(posterior mean)⁺], the expected lift shipped
	Value float64 `json:"value"` // v(n) = f(n) − (prior mean)⁺, what the test itself adds
	Slope float64 `json:"slope"` // f′(n), per user
	// The idea ships if its estimate is above Cut = k*, that is its t-statistic is
	// above TStat = k*/SE, that is its one-sided p-value is below PCut.
	Cut   float64 `json:"cut"`
	TStat float64 `json:"t_stat"`
	PCut  float64 `json:"p_cut"`
	// Idle: no estimate within 1e40 would change the decision that the prior mean
	// makes. Value, Slope, Cut and TStat are then 0, and PCut is 0 or 1.
	Idle bool `json:"idle"`
}

// Check reports, as an *InputError, a prior that is missing, invalid or without a
// mean, or a Sigma that is not above 0.
func (p Production) Check() error {
	if p.Prior == nil {
		return &stats.InputError{Field: "Prior", Reason: "there is no prior"}
	}
	if err := input.Within("Prior.", p.Prior.Check()); err != nil {
		return err
	}
	mean := p.Prior.Mean()
	return input.First(
		input.Check(!math.IsNaN(mean), "Prior.Mean", mean, "the prior must have a mean: more than 1 degree of freedom"),
		input.Positive("Sigma", p.Sigma),
	)
}

// At returns the value of a test of n > 0 users (a float: a sample size is planned
// before it is rounded):
//
//	f(n)  = max over k of ∫ δ Φ((δ − k)/se) dG(δ)       se = σ/√n
//	k*    : the estimate at which the posterior mean is 0
//	f′(n) = p(k*) E[δ² | δ̂ = k*]/(2n)
//
// where G is the prior and p the density of the estimate. f is to 1e-12 of E|δ|.
//
// Source: Azevedo, Deng, Montiel Olea, Rao & Weyl (2020), "A/B Testing with Fat
// Tails", J. Political Economy 128(12), §2, for the model; the slope is the
// envelope theorem's.
func (p Production) At(users float64) (TestValue, error) {
	if err := input.First(p.Check(), input.Positive("users", users), input.Positive("SE", p.Sigma/math.Sqrt(users))); err != nil {
		return TestValue{}, err
	}
	return p.at(users), nil
}

func (p Production) at(users float64) TestValue {
	v := TestValue{Users: users, SE: p.Sigma / math.Sqrt(users)}
	mean := p.Prior.Mean()
	cut, found := p.cut(v.SE)
	if !found {
		v.Gain, v.Idle = max(0, mean), true
		if mean > 0 {
			v.PCut = 1
		}
		return v
	}
	above, below := p.Prior.Split(cut, v.SE)
	v.Gain, v.Value = max(above, 0), max(above, 0)
	if mean > 0 { // f − mean would cancel
		v.Value = max(-below, 0)
		v.Gain = mean + v.Value
	}
	v.Cut, v.TStat = cut, cut/v.SE
	v.PCut = norm.CDF(-v.TStat)
	post := p.Prior.Posterior(cut, v.SE)
	m, sd := post.Mean(), post.SD()
	v.Slope = math.Exp(p.Prior.LogMarginal(cut, v.SE)) * (sd*sd + m*m) / (2 * users)
	return v
}

// cut finds the estimate at which the posterior mean, which rises with it, is 0.
func (p Production) cut(se float64) (k float64, found bool) {
	mean := func(k float64) float64 { return p.Prior.PosteriorMean(k, se) }
	here := mean(0)
	if here == 0 {
		return 0, true
	}
	near, far := 0.0, math.Copysign(se, -here)
	for math.Signbit(mean(far)) == math.Signbit(here) {
		if near, far = far, 2*far; math.Abs(far) > input.Max {
			return 0, false
		}
	}
	// f is flat at k*: what is left of its error is squared.
	return solve.Root(near, far, 1e-11*math.Abs(far), mean), true
}
