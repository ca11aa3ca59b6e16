package bayes

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// SpikeFit is a prior of "no effect, or a normal one" with how well it was learnt.
type SpikeFit struct {
	Null          float64 `json:"null"` // p₀, the share of ideas without any effect
	SD            float64 `json:"sd"`   // V, of the true effects of the others, whose mean is 0
	LogLikelihood float64 `json:"log_likelihood"`
	// Normal is the log likelihood with p₀ = 0, at its own best V; that of p₀ = 1 is
	// NoEffect. Where they are as high, the spike is not seen.
	Normal   float64 `json:"normal"`
	NoEffect float64 `json:"no_effect"`
	N        int     `json:"n"`
}

// Prior returns the mixture of the point mass at 0 and N(0, SD²). Its posterior's
// PointMass(0) is the probability that an idea has no effect.
func (f SpikeFit) Prior() Mixture {
	return Mixture{Weights: []float64{f.Null, 1 - f.Null}, Components: []stats.Normal{{}, {SD: f.SD}}}
}

// FitSpike estimates, by maximum marginal likelihood, the two-groups prior
//
//	δᵢ = 0 with probability p₀, otherwise δᵢ ~ N(0, V²)      δ̂ᵢ | δᵢ ~ N(δᵢ, seᵢ²)
//
// In units of one user's SD, with seᵢ² = 1/N_E for the effective size N_E, this is
// Deng's model, whose EM algorithm climbs to the same maximum, slowly. For each V the
// likelihood is concave in p₀, whose best value is a root; V is searched on a grid of
// factor √2 and refined to 1e-7 of itself. Ideas with a small effect look like nulls: p₀ says
// more of the prior's shape near 0 than of truth.
//
// The error is an *InputError for an empty list, or naming the first estimate that
// is not finite or whose standard error is not above 0.
//
// Source: Deng (2015), "Objective Bayesian Two Sample Hypothesis Testing for Online
// Controlled Experiments", WWW 2015 Companion, §3.
func FitSpike(es []stats.Estimate) (SpikeFit, error) {
	if _, err := stats.FitNormal(es); err != nil {
		return SpikeFit{}, err
	}
	top, least := 0.0, math.Inf(1)
	s := spikes{es: es, null: make([]float64, len(es)), ratio: make([]float64, len(es))}
	fit := SpikeFit{N: len(es), Null: 1}
	for i, e := range es {
		top, least = max(top, math.Abs(e.Value), e.SE), min(least, e.SE)
		s.null[i] = logNormal(e.Value, e.SE)
		fit.NoEffect += s.null[i]
	}
	lo, hi := math.Log(max(least/100, top*1e-20)), math.Log(2*top)
	_, normal := peak(lo, hi, func(x float64) float64 { return s.normal(math.Exp(x)) })
	best, value := peak(lo, hi, func(x float64) float64 { _, v := s.at(math.Exp(x)); return v })
	fit.LogLikelihood, fit.Normal = fit.NoEffect, max(fit.NoEffect, normal)
	if null, _ := s.at(math.Exp(best)); value > fit.NoEffect && null < 1 {
		fit.Null, fit.SD, fit.LogLikelihood = null, math.Exp(best), value
	}
	return fit, nil
}

// peak is where f is highest, from a grid of step log √2 and thirds around its best
// point.
func peak(lo, hi float64, f func(float64) float64) (x, value float64) {
	const step = math.Ln2 / 2
	x, value = lo, f(lo)
	for at := lo; at <= hi; at += step {
		if v := f(at); v > value {
			x, value = at, v
		}
	}
	if near, v := highest(x-step, x+step, 1e-7, f); v > value {
		x, value = near, v
	}
	return x, value
}

// highest is where f, of one maximum between a and b, is highest, to within a
// tolerance: the better of two thirds, again and again.
func highest(a, b, tolerance float64, f func(float64) float64) (x, value float64) {
	for b-a > tolerance {
		if left, right := a+(b-a)/3, b-(b-a)/3; f(left) < f(right) {
			a = left
		} else {
			b = right
		}
	}
	x = a + (b-a)/2
	return x, f(x)
}

// spikes is the likelihood of estimates under the two groups: null are the log
// densities under no effect, ratio those of the others relative to them.
type spikes struct {
	es          []stats.Estimate
	null, ratio []float64
}

// at is the best p₀ for V and the log likelihood there. Its derivative by p₀,
// Σ (1 − Rᵢ)/(p₀ + (1 − p₀)Rᵢ) with the density ratio Rᵢ, falls.
func (s spikes) at(v float64) (null, value float64) {
	for i, e := range s.es {
		s.ratio[i] = logNormal(e.Value, math.Hypot(v, e.SE)) - s.null[i]
	}
	slope := func(p float64) (sum float64) {
		for _, log := range s.ratio {
			if log > 0 { // divided by R, which may be out of range
				r := math.Exp(-log)
				sum += (r - 1) / (p*r + 1 - p)
			} else {
				r := math.Exp(log)
				sum += (1 - r) / (p + (1-p)*r)
			}
		}
		return sum
	}
	switch {
	case slope(0) <= 0:
		null = 0
	case slope(1) >= 0:
		null = 1
	default:
		null = solve.Root(0, 1, 1e-12, slope)
	}
	for i, log := range s.ratio {
		value += s.null[i] + logSum([]float64{math.Log(null), math.Log1p(-null) + log})
	}
	return null, value
}

// normal is the log likelihood without nulls.
func (s spikes) normal(v float64) (value float64) {
	for _, e := range s.es {
		value += logNormal(e.Value, math.Hypot(v, e.SE))
	}
	return value
}
