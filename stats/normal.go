package stats

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// Normal is a normal distribution of a true effect, a relative lift as a
// fraction (0.02 means +2%): a prior before a test, a forecast, or a posterior
// after one. SD 0 is allowed and means a point mass at Mean.
//
// Methods return NaN exactly if Check reports an error or an argument is NaN or
// outside its stated range (±1e40 for effects).
type Normal struct {
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
}

// Check reports, as an *InputError, a mean that is no finite number or an SD
// that is negative or no finite number. Magnitudes above 1e40 are refused.
func (p Normal) Check() error {
	return input.First(input.Finite("Mean", p.Mean), input.NonNegative("SD", p.SD))
}

// Posterior returns the distribution of the true effect after it was measured
// once as estimate with standard error se ≥ 0:
//
//	mean = μ + (estimate − μ) τ²/(τ² + se²)      sd = τ se/√(τ² + se²)
//
// where μ = Mean and τ = SD. A point mass does not move; se = 0 gives a point
// mass at the estimate; se = +Inf returns the prior.
//
// Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., §2.5.
func (p Normal) Posterior(estimate, se float64) Normal {
	if p.Check() != nil || !(se >= 0) || input.Finite("estimate", estimate) != nil {
		return Normal{math.NaN(), math.NaN()}
	}
	if p.SD == 0 || math.IsInf(se, 1) {
		return p
	}
	total := math.Hypot(p.SD, se)
	towards := p.SD / total
	return Normal{Mean: p.Mean + (estimate-p.Mean)*towards*towards, SD: se * towards}
}

// Quantile returns the value x with CDF(x) = q for q in [0, 1]. Quantile(0) is
// −Inf and Quantile(1) is +Inf, unless SD is 0: then every quantile is Mean.
func (p Normal) Quantile(q float64) float64 {
	switch {
	case p.Check() != nil || !(q >= 0 && q <= 1):
		return math.NaN()
	case p.SD == 0:
		return p.Mean
	}
	return p.Mean + p.SD*norm.Quantile(q)
}

// CDF returns P(δ ≤ x) = Φ((x − Mean)/SD). A point mass steps from 0 to 1 at
// Mean.
func (p Normal) CDF(x float64) float64 {
	switch {
	case p.Check() != nil || math.IsNaN(x):
		return math.NaN()
	case p.SD == 0 && x < p.Mean:
		return 0
	case p.SD == 0:
		return 1
	}
	return norm.CDF((x - p.Mean) / p.SD)
}

// ProbAbove returns P(δ > x) = Φ((Mean − x)/SD), accurate in the far tail,
// where 1 − CDF(x) would round to 0.
func (p Normal) ProbAbove(x float64) float64 {
	switch {
	case p.Check() != nil || math.IsNaN(x):
		return math.NaN()
	case p.SD == 0 && x < p.Mean:
		return 1
	case p.SD == 0:
		return 0
	}
	return norm.CDF((p.Mean - x) / p.SD)
}
