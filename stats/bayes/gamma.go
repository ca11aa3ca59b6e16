package bayes

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Gamma is a gamma distribution of a rate of events per unit of exposure, above 0:
// a prior of Shape events in Rate units. Methods return NaN exactly if Check
// reports an error or an argument is NaN or outside its range.
type Gamma struct {
	Shape float64 `json:"shape"` // 0.01 to 1e12
	Rate  float64 `json:"rate"`  // above 0
}

// Check reports, as an *InputError, a shape outside [0.01, 1e12] or a rate that is
// not above 0.
func (g Gamma) Check() error {
	return input.First(shape("Shape", g.Shape), input.Positive("Rate", g.Rate))
}

// Posterior returns Gamma{Shape + events, Rate + exposure}, the distribution of the
// rate after so many events, 0 or above, in so much exposure, above 0. Numbers
// outside their range give one whose Check fails.
//
// Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., §2.6.
func (g Gamma) Posterior(events, exposure float64) Gamma {
	if g.Check() != nil || !(events >= 0) || !(exposure >= 0) {
		return Gamma{}
	}
	return Gamma{g.Shape + events, g.Rate + exposure}
}

// Mean returns Shape/Rate.
func (g Gamma) Mean() float64 { return whenValid(g, g.Shape/g.Rate) }

// SD returns √Shape/Rate.
func (g Gamma) SD() float64 { return whenValid(g, math.Sqrt(g.Shape)/g.Rate) }

// LogDensity returns, for a rate x ≥ 0, with a = Shape and b = Rate,
// a log b − log Γ(a) + (a−1) log x − b x; −Inf below 0, and +Inf at 0 if a < 1. It is
// to 1e-12 of max(1, |itself|), and to 1e-9 above a million events.
//
// Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., appendix A.
func (g Gamma) LogDensity(x float64) float64 {
	switch {
	case g.Check() != nil || math.IsNaN(x):
		return math.NaN()
	case x < 0 || math.IsInf(x, 1):
		return math.Inf(-1)
	}
	if x == 0 {
		gamma, _ := math.Lgamma(g.Shape)
		return power(g.Shape-1, x) + g.Shape*math.Log(g.Rate) - gamma
	}
	return g.around().log(g.distance(x)) - math.Log(x)
}

// CDF returns P(rate ≤ x), the regularised lower incomplete gamma function, to 1e-11
// of it and of ProbAbove, whichever is smaller, and the rounding of x. Of 300 events and
// more it is the integral of the density by Gauss–Legendre quadrature.
func (g Gamma) CDF(x float64) float64 {
	below, _ := g.tails(x)
	return below
}

// ProbAbove returns P(rate > x), as exactly as CDF does P(rate ≤ x).
func (g Gamma) ProbAbove(x float64) float64 {
	_, above := g.tails(x)
	return above
}

func (g Gamma) tails(x float64) (below, above float64) {
	switch {
	case g.Check() != nil || math.IsNaN(x):
		return math.NaN(), math.NaN()
	case x <= 0:
		return 0, 1
	case g.Shape < many:
		return gammaTails(g.Shape, g.Rate*x)
	}
	return g.around().tails(g.distance(x))
}

// distance is that of log x from its mode, log(Shape/Rate).
func (g Gamma) distance(x float64) float64 {
	if ratio := x * g.Rate / g.Shape; ratio > 0.5 && ratio < 2 { // x·Rate − Shape is small and keeps its digits
		return math.Log1p((x*g.Rate - g.Shape) / g.Shape)
	}
	return math.Log(x) + math.Log(g.Rate) - math.Log(g.Shape)
}

// Quantile returns the rate x with CDF(x) = q, for q in [0, 1], up to the error
// of CDF and the rounding of q; at 1 it is +Inf.
func (g Gamma) Quantile(q float64) float64 {
	switch {
	case g.Check() != nil || !(q >= 0 && q <= 1):
		return math.NaN()
	case q == 0:
		return 0
	case q == 1:
		return math.Inf(1)
	}
	return g.Shape / g.Rate * math.Exp(g.around().quantile(q))
}

// around is the law of the logarithm of the rate less its mode, log(a/b), where the
// density is aᵃe⁻ᵃ/Γ(a).
func (g Gamma) around() concave {
	a, top := g.Shape, logGammaPeak(g.Shape)
	c := newConcave(1/math.Sqrt(a),
		func(u float64) float64 { return top - a*(math.Expm1(u)-u) },
		func(u float64) float64 { return -a * math.Expm1(u) })
	if a < many {
		c.few = func(u float64) (below, above float64) { return gammaTails(a, a*math.Exp(u)) }
	}
	return c
}

// arm is the log of the rate.
func (g Gamma) arm() arm {
	return g.around().arm(math.Log(g.Shape)-math.Log(g.Rate), g.Mean(), g.SD())
}

// gammaTails are P(a, x) and Q(a, x), the incomplete gamma functions.
func gammaTails(a, x float64) (below, above float64) {
	switch {
	case math.IsInf(x, 1):
		return 1, 0
	case x < a:
		below = mathext.GammaIncReg(a, x)
		return below, 1 - below
	}
	above = mathext.GammaIncRegComp(a, x)
	return 1 - above, above
}
