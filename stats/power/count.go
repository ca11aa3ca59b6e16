package power

import (
	"cmp"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Count is a rate of events, such as sessions per user and week. A user's count has
// the mean λE and the variance φλE, so that the difference of the arms' rates
// has the variance σ₁²/n_c, and the score test divides by σ₀/√n_c:
//
//	σ₁² = φ(λ_c + λₜ/k)/E      σ₀² = φ(λ̃_c + λ̃ₜ/k)/E
//
// where λ̃ are the most likely rates that the null hypothesis allows: without a
// Margin both are (λ_c + k λₜ)/(1 + k); with one the larger root of
// (1 + k)λ² − (λ_c + kλₜ − (1 + k)b)λ − λ_c b = 0 for λ̃_c, λ̃ₜ = λ̃_c + b, by the Poisson
// likelihood.
//
// Source: McCullagh & Nelder (1989), Generalized Linear Models, 2nd ed., §6.2 for
// the quasi-Poisson variance; for Stabilised Gu et al. (2008), Biometrical Journal
// 50:283–298, §2.
type Count struct {
	Rate       float64 // events per user and unit of exposure in control, above 0
	Exposure   float64 // of each user, such as weeks; zero means 1
	Dispersion float64 // φ, variance of a user's count over its mean; zero means 1 (Poisson)
}

func (c Count) check(Test) error {
	return input.First(positive("Metric.Rate", c.Rate), positive("Metric.Exposure", cmp.Or(c.Exposure, 1)),
		positive("Metric.Dispersion", cmp.Or(c.Dispersion, 1)))
}

// positive is narrower than input.Positive: three of these numbers are multiplied.
func positive(field string, x float64) error {
	return input.Check(x >= 1e-12 && x <= 1e12, field, x, "must be above 0 (1e-12 to 1e12)")
}

func (c Count) baseline() float64 { return c.Rate }

func (c Count) room(direction float64) float64 {
	if direction > 0 {
		return math.Inf(1)
	}
	return c.Rate
}

func (c Count) contrast(q question) contrast {
	treated := c.Rate + q.effect
	unit := cmp.Or(c.Dispersion, 1) / cmp.Or(c.Exposure, 1)
	answer := q.plain(spread{math.Sqrt(unit * c.Rate), math.Sqrt(unit * treated)}, c.Rate)
	switch q.test {
	case Score:
		control := restrictedCount(c.Rate, treated, q.boundary, q.allocation)
		answer.null = spread{math.Sqrt(unit * control), math.Sqrt(unit * math.Max(0, control+q.boundary))}
	case Stabilised:
		answer.distance = 2 * (math.Sqrt(treated) - math.Sqrt(c.Rate+q.boundary))
		answer.null = spread{math.Sqrt(unit), math.Sqrt(unit)}
		answer.truth = answer.null
	}
	return answer
}

// events are Poisson ones: φ of them tell as much as one.
func (c Count) events(n, effect float64) float64 {
	return n * (c.Rate + effect) * cmp.Or(c.Exposure, 1) / cmp.Or(c.Dispersion, 1)
}

// restrictedCount is the rate of control under λₜ = λ_c + b that maximises the
// Poisson likelihood of the expected counts.
func restrictedCount(control, treated, b, k float64) float64 {
	if b == 0 {
		return (control + k*treated) / (1 + k)
	}
	half := ((control+k*treated)/(1+k) - b) / 2
	return half + math.Sqrt(math.Max(0, half*half+control*b/(1+k)))
}
