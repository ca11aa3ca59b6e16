package bayes

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// LogDensity returns the natural logarithm of the density at x. It is +Inf on a
// point mass, and −Inf where there are only point masses, elsewhere.
func (m Mixture) LogDensity(x float64) float64 {
	return m.LogMarginal(x, 0)
}

// LogMarginal returns the natural logarithm of the density of an estimate with
// standard error se ≥ 0 before it was seen:
//
//	log Σ wₖ N(estimate; μₖ, σₖ² + se²)
//
// With se = 0 it is the density of the effect itself. se = +Inf gives −Inf.
//
// Source: Dalal & Hall (1983), Journal of the Royal Statistical Society B 45:278–286.
func (m Mixture) LogMarginal(estimate, se float64) float64 {
	if m.Check() != nil || !(se >= 0) || input.Finite("estimate", estimate) != nil {
		return math.NaN()
	}
	logs := make([]float64, len(m.Components))
	total := 0.0
	for k, c := range m.Components {
		logs[k] = math.Inf(-1)
		if m.Weights[k] > 0 {
			logs[k] = math.Log(m.Weights[k]) + logNormal(estimate-c.Mean, math.Hypot(c.SD, se))
			total += m.Weights[k]
		}
	}
	return logSum(logs) - math.Log(total)
}

// Posterior returns the distribution of the true effect after it was measured
// once as estimate with standard error se ≥ 0: each component moves as
// [stats.Normal.Posterior] says, and its weight is multiplied by
// N(estimate; μₖ, σₖ² + se²), how well it foretold the estimate. The weights sum
// to 1; components keep their places. se = +Inf returns the prior; se = 0 gives
// the estimate itself, or the nearest of the values possible where all components
// are point masses.
//
// Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., §2.4 and §22.1.
func (m Mixture) Posterior(estimate, se float64) Mixture {
	if m.Check() != nil || !(se >= 0) || input.Finite("estimate", estimate) != nil {
		return Mixture{}
	}
	post := Mixture{make([]float64, len(m.Weights)), make([]stats.Normal, len(m.Components))}
	nearest := m.nearest(estimate)
	for k, c := range m.Components {
		post.Components[k] = c.Posterior(estimate, se)
		post.Weights[k] = math.Log(m.Weights[k])
		switch s := math.Hypot(c.SD, se); {
		case math.IsInf(se, 1):
		case s >= exact:
			post.Weights[k] += logNormal(estimate-c.Mean, s)
		case math.Abs(estimate-c.Mean) > nearest:
			post.Weights[k] = math.Inf(-1)
		}
	}
	softmax(post.Weights)
	return post
}

// PosteriorMean returns Posterior(estimate, se).Mean().
func (m Mixture) PosteriorMean(estimate, se float64) float64 {
	return m.Posterior(estimate, se).Mean()
}

// exact is the standard deviation below which a distribution counts as a point
// mass: its square, and that of a distance over it, stay within range.
const exact = 1e-100

// nearest is the distance of x to the nearest possible value, for the limit se → 0.
func (m Mixture) nearest(x float64) float64 {
	distance := math.Inf(1)
	for k, c := range m.Components {
		switch {
		case m.Weights[k] > 0 && c.SD >= exact:
			return 0
		case m.Weights[k] > 0:
			distance = min(distance, math.Abs(x-c.Mean))
		}
	}
	return distance
}

// Split divides the mean by what a rule does with the estimate: above is
// E[δ; δ̂ > cut], what shipping every estimate above the cut gains, and below is
// E[δ; δ̂ ≤ cut], what it forgoes; δ̂ has standard error se ≥ 0. With
// s² = σ² + se², of one component
//
//	above = μ Φ((μ − cut)/s) + (σ²/s) φ((μ − cut)/s)
//
// Source: the mean of a truncated normal, Johnson, Kotz & Balakrishnan (1994),
// Continuous Univariate Distributions, vol. 1, ch. 13.
func (m Mixture) Split(cut, se float64) (above, below float64) {
	if m.Check() != nil || !(se >= 0) || input.Finite("cut", cut) != nil {
		return math.NaN(), math.NaN()
	}
	total := 0.0
	for k, c := range m.Components {
		up, down := split(c, cut, se)
		above += m.Weights[k] * up
		below += m.Weights[k] * down
		total += m.Weights[k]
	}
	return above / total, below / total
}

func split(c stats.Normal, cut, se float64) (above, below float64) {
	s := math.Hypot(c.SD, se)
	switch {
	case s < exact && c.Mean > cut:
		return c.Mean, 0
	case s < exact:
		return 0, c.Mean
	}
	z := (c.Mean - cut) / s
	moved := c.SD * (c.SD / s) * norm.Density(z)
	return c.Mean*norm.CDF(z) + moved, c.Mean*norm.CDF(-z) - moved
}

// logNormal is the log of a normal density at a distance d from its mean.
func logNormal(d, sd float64) float64 {
	switch {
	case sd >= exact:
		z := d / sd
		return -z*z/2 - math.Log(sd) - math.Log(2*math.Pi)/2
	case d == 0:
		return math.Inf(1)
	}
	return math.Inf(-1)
}

// logSum is log Σ exp(xᵢ), without overflow or underflow.
func logSum(xs []float64) float64 {
	top := math.Inf(-1)
	for _, x := range xs {
		top = max(top, x)
	}
	if math.IsInf(top, 0) {
		return top
	}
	sum := 0.0
	for _, x := range xs {
		sum += math.Exp(x - top)
	}
	return top + math.Log(sum)
}

// softmax turns log weights, not all −Inf, into weights that sum to 1.
func softmax(logs []float64) {
	total := logSum(logs)
	for i, x := range logs {
		logs[i] = math.Exp(x - total)
	}
}
