package bayes

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Beta is a beta distribution of a rate in [0, 1], such as a conversion rate: a
// prior of A − 1 successes and B − 1 failures. {1, 1} is uniform, {0.5, 0.5} is
// Jeffreys' prior. Methods return NaN exactly if Check reports an error or an
// argument is NaN or outside its range.
type Beta struct {
	A float64 `json:"a"` // 0.01 to 1e12
	B float64 `json:"b"` // 0.01 to 1e12
}

// Check reports, as an *InputError, a parameter outside [0.01, 1e12].
func (b Beta) Check() error { return input.First(shape("A", b.A), shape("B", b.B)) }

func shape(field string, x float64) error {
	return input.Check(x >= 0.01 && x <= 1e12, field, x, "must lie from 0.01 to 1e12")
}

// Posterior returns Beta{A + successes, B + failures}, the distribution of the rate
// after that many of each, 0 or above. Counts outside [0, 1e12] give one whose
// Check fails.
//
// Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., §2.4.
func (b Beta) Posterior(successes, failures float64) Beta {
	if b.Check() != nil || !(successes >= 0) || !(failures >= 0) {
		return Beta{}
	}
	return Beta{b.A + successes, b.B + failures}
}

// Mean returns A/(A + B).
func (b Beta) Mean() float64 { return whenValid(b, b.A/(b.A+b.B)) }

// SD returns √(AB/(A + B + 1))/(A + B).
func (b Beta) SD() float64 {
	return whenValid(b, math.Sqrt(b.A/(b.A+b.B)*(b.B/(b.A+b.B))/(b.A+b.B+1)))
}

// LogDensity returns (A−1) log x + (B−1) log(1−x) − log B(A, B), −Inf outside
// [0, 1] and +Inf at an end where the density has no bound. It is to 1e-12 of
// max(1, |itself|), and to 1e-9 above a million users.
//
// Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., appendix A.
func (b Beta) LogDensity(x float64) float64 {
	switch {
	case b.Check() != nil || math.IsNaN(x):
		return math.NaN()
	case x < 0 || x > 1:
		return math.Inf(-1)
	}
	if x == 0 || x == 1 {
		return power(b.A-1, x) + power(b.B-1, 1-x) - mathext.Lbeta(b.A, b.B)
	}
	return b.around().log(b.odds(x, 1-x)) - math.Log(x) - math.Log1p(-x)
}

// power is log xᵃ, with 0⁰ = 1.
func power(a, x float64) float64 {
	if a == 0 {
		return 0
	}
	return a * math.Log(x)
}

// CDF returns P(rate ≤ x), the regularised incomplete beta function, to 1e-11 of it
// and of ProbAbove, whichever is smaller, and the rounding of x. Of 300 users and more
// it is the integral of the density by Gauss–Legendre quadrature.
func (b Beta) CDF(x float64) float64 {
	below, _ := b.tails(x)
	return below
}

// ProbAbove returns P(rate > x), as exactly as CDF does P(rate ≤ x).
func (b Beta) ProbAbove(x float64) float64 {
	_, above := b.tails(x)
	return above
}

func (b Beta) tails(x float64) (below, above float64) {
	switch {
	case b.Check() != nil || math.IsNaN(x):
		return math.NaN(), math.NaN()
	case x <= 0:
		return 0, 1
	case x >= 1:
		return 1, 0
	case b.A+b.B < many:
		return betaTails(b.A, b.B, x, 1-x)
	}
	return b.around().tails(b.odds(x, 1-x))
}

// odds is the distance of a rate's log odds from their mode, log(A/B), where y = 1 − x.
func (b Beta) odds(x, y float64) float64 {
	ratio := x / y * (b.B / b.A)
	if ratio > 0.5 && ratio < 2 { // x·B − y·A is small and keeps its digits
		return math.Log1p((x*b.B - y*b.A) / (y * b.A))
	}
	return math.Log(x) - math.Log(y) - math.Log(b.A/b.B)
}

// Quantile returns the rate x with CDF(x) = q, for q in [0, 1], up to the error of CDF
// and the rounding of q.
func (b Beta) Quantile(q float64) float64 {
	switch {
	case b.Check() != nil || !(q >= 0 && q <= 1):
		return math.NaN()
	case q == 0 || q == 1:
		return q
	}
	return b.rate(b.around().quantile(q))
}

// rate is the one whose log odds are u above their mode.
func (b Beta) rate(u float64) float64 { return 1 / (1 + b.B/b.A*math.Exp(-u)) }

// around is the law of the rate's log odds less their mode. With x₀ = A/(A+B) its log is
// A u − (A+B) log(1 + x₀(eᵘ − 1)), plus its value at the mode, and neither cancels,
// however many users there were.
func (b Beta) around() concave {
	n := b.A + b.B
	top := logGammaPeak(b.A) + logGammaPeak(b.B) - logGammaPeak(n)
	log := func(u float64) float64 {
		if b.A <= b.B {
			return top + (b.A*u - n*math.Log1p(b.A/n*math.Expm1(u)))
		}
		return top + (-b.B*u - n*math.Log1p(b.B/n*math.Expm1(-u))) // the same, of 1 − x₀
	}
	slope := func(u float64) float64 {
		if u < 0 {
			return -b.A * math.Expm1(u) / (b.A/b.B*math.Exp(u) + 1)
		}
		return b.B * math.Expm1(-u) / (b.B/b.A*math.Exp(-u) + 1)
	}
	c := newConcave(math.Sqrt(1/b.A+1/b.B), log, slope)
	if n < many {
		mirror := Beta{b.B, b.A}
		c.few = func(u float64) (below, above float64) { return betaTails(b.A, b.B, b.rate(u), mirror.rate(-u)) }
	}
	return c
}

// arm is the rate's log odds.
func (b Beta) arm() arm { return b.around().arm(math.Log(b.A/b.B), b.Mean(), b.SD()) }

func logistic(v float64) float64 { return 1 / (1 + math.Exp(-v)) }

// betaTails are I_x(a, b) and its complement, where y = 1 − x: the smaller is
// computed, on that side of the mean.
func betaTails(a, b, x, y float64) (below, above float64) {
	if x*b < y*a {
		below = mathext.RegIncBeta(a, b, x)
		return below, 1 - below
	}
	above = mathext.RegIncBeta(b, a, y)
	return 1 - above, above
}
