package power

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Proportion is a rate, such as the share of users who convert. The difference of
// the arms has the variance σ₁²/n_c if the effect is the MDE, and the score test
// divides by σ₀/√n_c:
//
//	σ₁² = p_c q_c + pₜ qₜ/k      σ₀² = p̃_c q̃_c + p̃ₜ q̃ₜ/k
//
// where p̃ are the most likely rates that differ by no more than the null
// hypothesis allows: without a Margin both are (p_c + k pₜ)/(1 + k).
//
// Sources: Fleiss, Levin & Paik (2003), Statistical Methods for Rates and
// Proportions, 3rd ed., §4.2 and §4.4, without the continuity correction (R's
// power.prop.test for k = 1); with a Margin Farrington & Manning (1990),
// Statistics in Medicine 9:1447–1454, test 3; for Stabilised Cohen (1988),
// Statistical Power Analysis, 2nd ed., §6.2.
type Proportion struct {
	Baseline float64 // rate in control, a fraction in (0, 1)
}

func (p Proportion) check(Test) error  { return input.Fraction("Metric.Baseline", p.Baseline) }
func (p Proportion) baseline() float64 { return p.Baseline }

func (p Proportion) room(direction float64) float64 {
	if direction > 0 {
		return 1 - p.Baseline
	}
	return p.Baseline
}

func (p Proportion) contrast(q question) contrast {
	treated := p.Baseline + q.effect
	c := q.plain(spread{bernoulli(p.Baseline), bernoulli(treated)}, p.Baseline)
	switch q.test {
	case Score:
		control := restrictedRate(p.Baseline, treated, q.boundary, q.allocation)
		c.null = spread{bernoulli(control), bernoulli(control + q.boundary)}
	case Stabilised:
		c.distance = 2 * (math.Asin(math.Sqrt(treated)) - math.Asin(math.Sqrt(p.Baseline+q.boundary)))
		c.null, c.truth = spread{1, 1}, spread{1, 1}
	}
	return c
}

func (p Proportion) events(n, effect float64) float64 {
	treated := p.Baseline + effect
	return n * min(treated, 1-treated)
}

// bernoulli is the standard deviation of a yes or no.
func bernoulli(p float64) float64 { return math.Sqrt(math.Max(0, p*(1-p))) }

// restrictedRate is control's rate under pₜ = p_c + boundary that maximises the
// likelihood of the expected data: the root in range of the cubic of Farrington &
// Manning, in its trigonometric form.
func restrictedRate(control, treated, boundary, k float64) float64 {
	if boundary == 0 {
		return (control + k*treated) / (1 + k)
	}
	theta, s := 1/k, boundary
	a := 1 + theta
	b := -(1 + theta + treated + theta*control + s*(theta+2))
	c := s*s + s*(2*treated+theta+1) + treated + theta*control
	d := -treated * s * (1 + s)
	v := math.Pow(b/(3*a), 3) - b*c/(6*a*a) + d/(2*a)
	u := math.Copysign(math.Sqrt(math.Max(0, b*b/(9*a*a)-c/(3*a))), v)
	w := math.Pi / 3
	if u != 0 {
		w = (math.Pi + math.Acos(math.Max(-1, math.Min(1, v/(u*u*u))))) / 3
	}
	root := 2*u*math.Cos(w) - b/(3*a) - s
	// Rounding may put a rate just outside what both arms can have.
	return math.Min(math.Max(root, math.Max(0, -s)), math.Min(1, 1-s))
}
