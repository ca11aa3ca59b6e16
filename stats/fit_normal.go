package stats

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// NormalFit is a normal prior of true effects with how well it was learnt.
type NormalFit struct {
	// Prior is N(μ̂, τ̂²): the estimated distribution of true effects. SD is 0 if
	// the estimates differ by no more than their standard errors explain.
	Prior Normal `json:"prior"`
	// MeanSE is the standard error of μ̂ given τ̂: (Σ 1/(τ̂² + seᵢ²))^(−1/2).
	MeanSE float64 `json:"mean_se"`
	// VarianceSE is the standard error of τ̂² by expected information:
	// (½ Σ 1/(τ̂² + seᵢ²)²)^(−1/2). It is of the variance, not of the SD, because
	// only the former is meaningful at τ̂ = 0.
	VarianceSE float64 `json:"variance_se"`
	// LogLikelihood is Σ log N(δ̂ᵢ; μ̂, τ̂² + seᵢ²), natural logarithm.
	LogLikelihood float64 `json:"log_likelihood"`
	// N is the number of estimates.
	N int `json:"n"`
}

// FitNormal estimates the distribution of true effects behind the estimates, by
// maximum marginal likelihood of
//
//	δᵢ ~ N(μ, τ²)      δ̂ᵢ | δᵢ ~ N(δᵢ, seᵢ²)      hence δ̂ᵢ ~ N(μ, τ² + seᵢ²)
//
// For each τ the best μ is the weighted mean with weights 1/(τ² + seᵢ²); τ is
// searched over a grid of variances that includes 0 and refined where the score
// changes sign, to about 1e-12 relative. Like every maximum-likelihood variance
// τ̂² is low on average, by about the share 1/N. One estimate gives τ̂ = 0.
//
// The error is an *InputError for an empty list, or naming the first estimate
// that is not finite or whose standard error is not above 0.
//
// Source: Hardy & Thompson (1996), Statistics in Medicine 15:619–629; the same
// as metafor's rma(method = "ML").
func FitNormal(es []Estimate) (NormalFit, error) {
	if err := input.First(input.Check(len(es) > 0, "es", 0, "at least one effect is needed"), checkEstimates("es", es)); err != nil {
		return NormalFit{}, err
	}
	variance := fitVariance(es)
	s := poolAt(es, variance)
	return NormalFit{
		Prior:         Normal{Mean: s.mean, SD: math.Sqrt(variance)},
		MeanSE:        math.Sqrt(s.variance),
		VarianceSE:    math.Sqrt(2 / s.squaredWeights),
		LogLikelihood: s.profile(),
		N:             len(es),
	}, nil
}

// pooled is all that a set of estimates says about its mean μ, given the
// variance of true effects: ∏ N(δ̂ᵢ; μ, τ² + seᵢ²) = exp(logScale)·N(mean; μ, variance).
type pooled struct {
	trueVariance   float64 // τ², what it is given
	mean, variance float64
	logScale       float64
	squaredWeights float64 // Σ 1/(τ² + seᵢ²)²
	score          float64 // derivative of profile() with respect to τ²
}

// poolAt pools estimates at variance τ² of true effects. The three passes keep
// the precision of the residuals that the one-pass sums would cancel.
func poolAt(es []Estimate, variance float64) pooled {
	sum, weights, logs := 0.0, 0.0, 0.0
	for _, e := range es {
		v := variance + e.SE*e.SE
		weights += 1 / v
		sum += e.Value / v
		logs += math.Log(2 * math.Pi * v)
	}
	p := pooled{trueVariance: variance, mean: sum / weights, variance: 1 / weights}
	residual, slope := 0.0, 0.0
	for _, e := range es {
		w := 1 / (variance + e.SE*e.SE)
		r := (e.Value - p.mean) * (e.Value - p.mean) * w
		residual += r
		slope += (r - 1) * w
		p.squaredWeights += w * w
	}
	p.logScale = (math.Log(2*math.Pi*p.variance) - logs - residual) / 2
	p.score = slope / 2
	return p
}

// profile is the log likelihood at the best mean.
func (p pooled) profile() float64 { return p.logScale - math.Log(2*math.Pi*p.variance)/2 }

// fitVariance returns the τ² ≥ 0 with the highest profile likelihood. The
// likelihood can have several maxima, so a grid finds the right one first.
func fitVariance(es []Estimate) float64 {
	grid := varianceGrid(es)
	best, bestValue := 0, math.Inf(-1)
	for i, v := range grid {
		if value := poolAt(es, v).profile(); value > bestValue {
			best, bestValue = i, value
		}
	}
	lo, hi := grid[max(0, best-1)], grid[min(len(grid)-1, best+1)]
	if poolAt(es, lo).score <= 0 {
		return lo
	}
	for range 60 {
		if mid := lo + (hi-lo)/2; poolAt(es, mid).score > 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

// varianceGrid lists 0 and doubling variances up to the squared range of the
// estimates, which no maximum exceeds, from a ten-thousandth of the smallest
// sampling variance; or, where that is out of all proportion, from 1e-24 of the top.
func varianceGrid(es []Estimate) []float64 {
	low, high, se := es[0].Value, es[0].Value, es[0].SE
	for _, e := range es {
		low, high, se = min(low, e.Value), max(high, e.Value), min(se, e.SE)
	}
	top := (high - low) * (high - low)
	grid := []float64{0}
	for v := max(se*se*1e-4, top*1e-24); v < top; v *= 2 {
		grid = append(grid, v)
	}
	return append(grid, top)
}
