package stats

import (
	"cmp"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// ShipRule decides after a test whether an idea ships. It scores a design
// before the test (Gain) and against a known truth (ProbShip).
//
// In both methods prior is the distribution of the idea's true effect that the
// rule's owner believes, and se ≥ 0 is the standard error of the effect that
// the design will measure; effects are relative lifts as fractions. se = +Inf
// means no test at all. An SD or se below 1e-100 counts as 0, an se above 1e100
// as +Inf. An invalid rule, prior (see Normal.Check), delta or se gives NaN, and
// nothing else does.
type ShipRule interface {
	// Gain is the expected lift gained by testing with standard error se and
	// then shipping as the rule says, under the prior.
	Gain(prior Normal, se float64) float64
	// ProbShip is the probability that an idea whose true effect is delta
	// ships, over the noise of the test alone.
	ProbShip(delta float64, prior Normal, se float64) float64
}

// PosteriorMean ships an idea if the posterior mean of its effect exceeds Cut,
// the cost of shipping in lift units (a fraction; 0 ships whatever is expected
// to help). No rule gains more, net of that cost, if the prior is right.
type PosteriorMean struct {
	Cut float64 `json:"cut"`
}

// Gain returns the expected lift net of the cost of shipping, E[(m − c)⁺],
// where m is the posterior mean after the test:
//
//	(μ − c) Φ((μ − c)/x̃) + x̃ φ((μ − c)/x̃)      x̃ = τ²/√(τ² + se²)
//
// with prior N(μ, τ²), c = Cut and x̃ the standard deviation of m before the
// test. With x̃ = 0 (no test, or a point mass) it is max(μ − c, 0). The gain is
// net: E[m·1{m > c}], the lift shipped, is larger by c·P(m > c).
//
// Source: Azevedo, Mao, Montiel Olea & Velez (2023), "The A/B testing problem
// with Gaussian priors", J. Economic Theory 210; for c = 0 its production
// function f(n), with se = σ/√n.
func (r PosteriorMean) Gain(prior Normal, se float64) float64 {
	prior, se, ok := usable(prior, se)
	if !ok || input.Finite("Cut", r.Cut) != nil {
		return math.NaN()
	}
	return partialExpectation(prior.Mean-r.Cut, preposteriorSD(prior, se))
}

// ProbShip returns P(m > c | δ = delta). The posterior mean exceeds c exactly if
// the estimate exceeds c + (c − μ) se²/τ², so it is
//
//	Φ((δ − c)/se − (c − μ) se/τ²)
//
// Without a test, or with a point-mass prior, it is 1 if μ > c and otherwise 0;
// with se = 0 it is 1 if δ > c and otherwise 0.
//
// Source: the posterior mean of Normal.Posterior, solved for the estimate.
func (r PosteriorMean) ProbShip(delta float64, prior Normal, se float64) float64 {
	prior, se, ok := usable(prior, se)
	switch {
	case !ok || input.Finite("Cut", r.Cut) != nil || input.Finite("delta", delta) != nil:
		return math.NaN()
	case prior.SD == 0 || math.IsInf(se, 1):
		return indicator(prior.Mean > r.Cut)
	case se == 0:
		return indicator(delta > r.Cut)
	}
	return norm.CDF((delta-r.Cut)/se - (r.Cut-prior.Mean)/prior.SD*(se/prior.SD))
}

// Significant ships an idea if its estimate is significantly positive:
// δ̂/se > z₁₋α. The prior plays no part in the decision.
type Significant struct {
	// Alpha is the one-sided level in (0, 1): the share of ideas without any
	// effect that ship. Zero means 0.025, the positive half of a two-sided
	// test at 5%.
	Alpha float64 `json:"alpha"`
}

// Gain returns the expected lift shipped, E[δ·P(δ̂/se > z | δ)]:
//
//	μ Φ(a) + (τ²/s) φ(a)      s = √(τ² + se²),  a = (μ − z se)/s,  z = z₁₋α
//
// with prior N(μ, τ²). It is negative if the rule ships more harm than good.
// Without a test (se = +Inf) the rule is a coin with chance α and gains μα.
// Where nothing is random (τ = se = 0) it gains max(μ, 0).
//
// Source: δ̂ is N(μ, s²) and E[δ | δ̂] = μ + (δ̂ − μ)τ²/s²; the formula is the
// mean of a truncated normal, Johnson, Kotz & Balakrishnan (1994), Continuous
// Univariate Distributions, vol. 1, ch. 13.
func (r Significant) Gain(prior Normal, se float64) float64 {
	z, valid := r.critical()
	prior, se, ok := usable(prior, se)
	s := math.Hypot(prior.SD, se)
	switch {
	case !ok || !valid:
		return math.NaN()
	case math.IsInf(se, 1):
		return prior.Mean * norm.CDF(-z)
	case s == 0:
		return math.Max(prior.Mean, 0)
	}
	a := prior.Mean/s - z*(se/s)
	return prior.Mean*norm.CDF(a) + prior.SD*(prior.SD/s)*norm.Density(a)
}

// ProbShip returns the power of the test at delta, Φ(δ/se − z₁₋α); the prior is
// not used but must be valid. With se = 0 it is 1 if δ > 0 and otherwise 0;
// without a test it is α.
//
// Source: the power of a z-test.
func (r Significant) ProbShip(delta float64, prior Normal, se float64) float64 {
	z, valid := r.critical()
	_, se, ok := usable(prior, se)
	switch {
	case !ok || !valid || input.Finite("delta", delta) != nil:
		return math.NaN()
	case se == 0:
		return indicator(delta > 0)
	}
	return norm.CDF(delta/se - z)
}

func (r Significant) critical() (z float64, valid bool) {
	alpha := cmp.Or(r.Alpha, 0.025)
	if input.Fraction("Alpha", alpha) != nil {
		return 0, false
	}
	// −Φ⁻¹(α) rather than Φ⁻¹(1 − α), which loses small α.
	return -norm.Quantile(alpha), true
}

// preposteriorSD is x̃ = τ²/√(τ² + se²), the standard deviation of the posterior
// mean before the test.
func preposteriorSD(prior Normal, se float64) float64 {
	if prior.SD == 0 || math.IsInf(se, 1) {
		return 0
	}
	return prior.SD * (prior.SD / math.Hypot(prior.SD, se))
}

// partialExpectation is E[X⁺] for X ~ N(mean, sd²). Far below 0 the two terms
// cancel, which may leave a negative rounding error: the answer is then 0.
func partialExpectation(mean, sd float64) float64 {
	if sd == 0 {
		return math.Max(mean, 0)
	}
	z := mean / sd
	return math.Max(0, mean*norm.CDF(z)+sd*norm.Density(z))
}

// usable checks a prior and a standard error, and rounds the latter and the
// prior's SD to 0 or +Inf where products of them could overflow.
func usable(prior Normal, se float64) (Normal, float64, bool) {
	const tiny, huge = 1e-100, 1e100
	if prior.SD < tiny {
		prior.SD = math.Min(prior.SD, 0)
	}
	if se > huge {
		se = math.Inf(1)
	} else if se >= 0 && se < tiny {
		se = 0
	}
	return prior, se, prior.Check() == nil && se >= 0
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
