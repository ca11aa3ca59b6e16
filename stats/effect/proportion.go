package effect

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/solve"
	"gonum.org/v1/gonum/mathext"
)

// Proportion is a count of users who did something, among all users of an arm.
type Proportion struct {
	Successes int `json:"successes"` // x, 0 to N
	N         int `json:"n"`         // users, at least 1
}

// Rate is p̂ = x/N.
func (p Proportion) Rate() float64 { return float64(p.Successes) / float64(p.N) }

// Arm returns the proportion as the mean of users' zeros and ones, whose sample
// variance is p̂(1 − p̂)N/(N − 1); N is at least 2.
func (p Proportion) Arm() (Arm, error) {
	if err := input.First(p.check(""), checkUsers("N", p.N)); err != nil {
		return Arm{}, err
	}
	return Arm{N: p.N, Mean: p.Rate(), Variance: p.unit() * float64(p.N) / float64(p.N-1)}, nil
}

// Interval returns the confidence interval of one proportion by o.Difference:
//
//	Wilson          all p with |p̂ − p| ≤ z√(p(1 − p)/N): the default
//	ClopperPearson  all p that an exact binomial test does not reject; its
//	                coverage is never below the level, and well above it for small counts
//	AgrestiCoull    p̃ ± z√(p̃(1 − p̃)/(N + z²)), p̃ = (x + z²/2)/(N + z²), cut to [0, 1]
//
// Where no or all users succeed, the Wilson and Clopper–Pearson intervals end at
// exactly 0 or 1.
//
// Source: Brown, Cai & DasGupta (2001), Statistical Science 16:101–133.
func (p Proportion) Interval(o Options) (stats.Interval, error) {
	o, err := o.filled([]Method{Wilson, ClopperPearson, AgrestiCoull}, []Method{""})
	if err := input.First(p.check(""), err); err != nil {
		return stats.Interval{}, err
	}
	var low, high float64
	switch o.Difference {
	case ClopperPearson:
		low, high = p.exact(o.tail())
	case AgrestiCoull:
		low, high = p.agrestiCoull(o.z())
	default:
		low, high = p.wilson(o.z())
	}
	// The natural ends: a rate is never outside of them.
	switch o.Sides {
	case stats.Greater:
		high = 1
	case stats.Less:
		low = 0
	}
	return stats.Interval{Low: low, High: high, Level: o.Level}, nil
}

func (p Proportion) wilson(z float64) (low, high float64) {
	n, rate := float64(p.N), p.Rate()
	centre, shrink := rate+z*z/(2*n), 1+z*z/n
	half := z * math.Sqrt(p.unit()/n+z*z/(4*n*n))
	low, high = (centre-half)/shrink, (centre+half)/shrink
	if p.Successes == 0 {
		low = 0 // exactly; the subtraction leaves a rounding error
	}
	if p.Successes == p.N {
		high = 1
	}
	return low, high
}

// exact solves I_low(x, N − x + 1) = tail and 1 − I_high(x + 1, N − x) = tail,
// the binomial tails as incomplete beta functions.
func (p Proportion) exact(tail float64) (low, high float64) {
	x, rest := float64(p.Successes), float64(p.N-p.Successes)
	low, high = 0, 1
	if x > 0 {
		low = betaQuantile(x, rest+1, tail)
	}
	if rest > 0 {
		high = betaQuantile(x+1, rest, 1-tail)
	}
	return low, high
}

// betaQuantile brackets the library's quantile, which is good to about 1e-8 where
// a and b differ by orders of magnitude, and solves for the last digits.
func betaQuantile(a, b, q float64) float64 {
	excess := func(x float64) float64 { return mathext.RegIncBeta(a, b, x) - q }
	near := mathext.InvRegIncBeta(a, b, q)
	low, high := near*(1-1e-5), math.Min(1, near*(1+1e-5))
	if !(excess(low) < 0 && excess(high) > 0) {
		low, high = 0, 1
	}
	return solve.Root(low, high, 0, excess)
}

func (p Proportion) agrestiCoull(z float64) (low, high float64) {
	n := float64(p.N) + z*z
	rate := (float64(p.Successes) + z*z/2) / n
	half := z * math.Sqrt(rate*(1-rate)/n)
	return math.Max(0, rate-half), math.Min(1, rate+half)
}

// unit is p̂(1 − p̂), the variance of one user with divisor N.
func (p Proportion) unit() float64 {
	return p.Rate() * (float64(p.N-p.Successes) / float64(p.N))
}

func (p Proportion) check(name string) error {
	if name != "" {
		name += "."
	}
	return input.First(input.Check(p.N >= 1, name+"N", float64(p.N), "a rate needs at least 1 user"),
		input.Check(p.Successes >= 0 && p.Successes <= p.N, name+"Successes", float64(p.Successes), "must be 0 to N"))
}
