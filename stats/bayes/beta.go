package bayes

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/quad"
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
	log, _, _ := b.logOdds()
	v, y := math.Log(x), math.Log1p(-x)
	return log(v-y) - v - y
}

// power is log xᵃ, with 0⁰ = 1.
func power(a, x float64) float64 {
	if a == 0 {
		return 0
	}
	return a * math.Log(x)
}

// CDF returns P(rate ≤ x), the regularised incomplete beta function, to 1e-11 of it
// and of ProbAbove, whichever is smaller, and the rounding of x. Of many users it is
// the integral of the density by Gauss–Legendre quadrature.
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
	return b.arm().tails(math.Log(x) - math.Log1p(-x))
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
	return logistic(invertTails(b.arm(), q))
}

// logOdds is the log density of the rate's log odds v, its mode and width. With
// t = v − log(A/B) and x₀ = A/(A+B) it is A t − (A+B) log(1 + x₀(eᵗ − 1)), concave and
// smooth, plus its value at the mode. Neither cancels, however many users there were.
func (b Beta) logOdds() (log func(v float64) float64, mode, width float64) {
	mode, share := math.Log(b.A/b.B), b.A/(b.A+b.B)
	top := logGammaPeak(b.A) + logGammaPeak(b.B) - logGammaPeak(b.A+b.B)
	log = func(v float64) float64 {
		t := v - mode
		if share <= 0.5 {
			return top + (b.A*t - (b.A+b.B)*math.Log1p(share*math.Expm1(t)))
		}
		return top + (-b.B*t - (b.A+b.B)*math.Log1p(b.B/(b.A+b.B)*math.Expm1(-t))) // the same, of 1 − x₀
	}
	return log, mode, math.Sqrt(1/b.A + 1/b.B)
}

// arm is the rate's log odds.
func (b Beta) arm() arm {
	log, mode, width := b.logOdds()
	density := func(v float64) float64 { return math.Exp(log(v)) }
	a := arm{density: density, knots: concaveKnots(log, mode, width), mean: b.Mean(), sd: b.SD()}
	a.tails = func(v float64) (below, above float64) {
		lo, hi := a.knots[0], a.knots[len(a.knots)-1]
		if b.A+b.B < many || v < lo || v > hi {
			return betaTails(b.A, b.B, logistic(v), logistic(-v))
		}
		if v < mode {
			below = smooth(lo, v, width, density)
			return below, 1 - below
		}
		above = smooth(v, hi, width, density)
		return 1 - above, above
	}
	return a
}

// many is the number of users above which the incomplete beta function, whose norm
// is a difference of log gammas, is less exact than the integral of the density.
const many = 300

// smooth integrates the density of a log rate or log odds, of this width, by the
// Gauss–Legendre rule on panels of three widths, or of 2 where eᵗ bends it: to 1e-14.
func smooth(lo, hi, width float64, density func(float64) float64) (sum float64) {
	rule := quad.Legendre(16)
	panels := max(1, math.Ceil((hi-lo)/(3*min(width, 0.7))))
	half := (hi - lo) / panels / 2
	for i := range int(panels) {
		centre := lo + float64(2*i+1)*half
		for n, x := range rule.Nodes {
			sum += rule.Weights[n] * density(centre+half*x)
		}
	}
	return sum * half
}

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
