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
	log, _ := g.logRate()
	return log(math.Log(x)) - math.Log(x)
}

// CDF returns P(rate ≤ x), the regularised lower incomplete gamma function, to 1e-11
// of it and of ProbAbove, whichever is smaller, and the rounding of x.
func (g Gamma) CDF(x float64) float64 {
	switch {
	case g.Check() != nil || math.IsNaN(x):
		return math.NaN()
	case x <= 0:
		return 0
	}
	below, _ := gammaTails(g.Shape, g.Rate*x)
	return below
}

// ProbAbove returns P(rate > x), as exactly as CDF does P(rate ≤ x).
func (g Gamma) ProbAbove(x float64) float64 {
	switch {
	case g.Check() != nil || math.IsNaN(x):
		return math.NaN()
	case x <= 0:
		return 1
	}
	_, above := gammaTails(g.Shape, g.Rate*x)
	return above
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
	return math.Exp(invertTails(g.arm(), q))
}

// logRate is the log density of the log v of the rate, and its mode log(a/b), where the
// density is aᵃe⁻ᵃ/Γ(a). It is concave.
func (g Gamma) logRate() (log func(v float64) float64, mode float64) {
	mode, top := math.Log(g.Shape)-math.Log(g.Rate), logGammaPeak(g.Shape)
	return func(v float64) float64 { return top - g.Shape*(math.Expm1(v-mode)-(v-mode)) }, mode
}

// arm is the log of the rate.
func (g Gamma) arm() arm {
	log, mode := g.logRate()
	return arm{
		density: func(v float64) float64 { return math.Exp(log(v)) },
		tails:   func(v float64) (below, above float64) { return gammaTails(g.Shape, math.Exp(v-mode)*g.Shape) },
		knots:   concaveKnots(log, mode, 1/math.Sqrt(g.Shape)),
		mean:    g.Mean(), sd: g.SD(),
	}
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
