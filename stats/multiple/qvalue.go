package multiple

import (
	"math"
	"slices"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Storey says how QValues gets π₀, the share of true null hypotheses.
type Storey struct {
	// Pi0 is the share itself, in (0, 1], where it is known; 1 makes q-values
	// equal to BH. Zero estimates it.
	Pi0 float64
	// Smoother estimates π₀ from a smooth curve through the estimates at λ = 0.05,
	// 0.10 … 0.95, at its end; the default chooses the λ of least estimated error.
	Smoother bool
}

// QResult is the false discovery rate of each p-value as a threshold.
type QResult struct {
	// Q is, for each p-value in the order given, the estimated FDR of rejecting
	// all p-values up to it: reject where Q ≤ 0.05.
	Q []float64 `json:"q"`
	// Pi0 is the share of true nulls that was used, in (0, 1].
	Pi0 float64 `json:"pi0"`
}

// QValues returns Storey's q-values,
//
//	qᵢ = π₀ · min over j ≥ i of (n/j) p₍ⱼ₎   (at most π₀)
//
// With π₀ estimated, the FDR of "reject where q ≤ α" is about α for many
// independent or weakly dependent p-values; few p-values make π₀, and so the
// q-values, noisy. At each λ the estimate is
//
//	π₀(λ) = #{p ≥ λ}/(n(1 − λ))
//
// The default takes the λ that minimises the estimated mean squared error
//
//	#{p ≥ λ}/(n²(1 − λ)²) · (1 − #{p ≥ λ}/n) + (π₀(λ) − m)²
//
// where m is the 10% quantile of the π₀(λ): the limit of the bootstrap of Storey,
// Taylor & Siegmund (2004). The smoother fits a natural cubic smoothing spline with
// 3 degrees of freedom and takes its value at λ = 0.95. An estimate of 0 or below
// says that the p-values are no p-values with a flat part; 1 is used then. An error
// is returned where no p-value reaches 0.95, which leaves nothing to estimate from.
//
// Source: Storey & Tibshirani (2003), PNAS 100:9440–9445; Storey, Taylor &
// Siegmund (2004), JRSS B 66:187–205; the same as Bioconductor's qvalue with
// pi0.method = "bootstrap" or "smoother".
func QValues(p []float64, o Storey) (QResult, error) {
	err := input.First(input.Check(o.Pi0 >= 0 && o.Pi0 <= 1, "Pi0", o.Pi0, "a share lies above 0, up to 1 (0: estimate it)"), checkPs(p))
	if err == nil && o.Pi0 == 0 {
		highest := slices.Max(p)
		err = input.Check(highest >= lambda(lambdas-1), "max(p)", highest, "must reach 0.95 for the share of true nulls to be estimated; give Pi0")
	}
	if err != nil {
		return QResult{}, err
	}
	sorted, order := ascending(p)
	r := QResult{Q: make([]float64, len(p)), Pi0: o.Pi0}
	if r.Pi0 == 0 {
		r.Pi0 = estimatePi0(sorted, o.Smoother)
	}
	corrections[BH](sorted)
	for rank, i := range order {
		r.Q[i] = r.Pi0 * sorted[rank]
	}
	return r, nil
}

// lambdas is the number of thresholds λ at which π₀ is estimated.
const lambdas = 19

// lambda is 0.05 + k·0.05, at most 0.95, rounded after the product as after the sum,
// so that a p-value that lies on the grid falls to the same side on every machine.
func lambda(k int) float64 { return min(0.95, 0.05+float64(float64(k)*0.05)) }

// estimatePi0 estimates the share of true nulls from ascending p-values.
func estimatePi0(sorted []float64, smoother bool) float64 {
	n := float64(len(sorted))
	var pi0, above [lambdas]float64
	for k := range lambdas {
		first, _ := slices.BinarySearch(sorted, lambda(k))
		above[k] = n - float64(first)
		pi0[k] = above[k] / (n * (1 - lambda(k)))
	}
	best := leastError(pi0, above, n)
	if smoother {
		best = splineEnd(pi0)
	}
	if best <= 0 {
		return 1
	}
	return min(best, 1)
}

// leastError returns the π₀(λ) of least estimated mean squared error, the smallest
// of several.
func leastError(pi0, above [lambdas]float64, n float64) float64 {
	low := tenth(pi0)
	best, least := 1.0, math.Inf(1)
	for k, x := range pi0 {
		spread := 1 - lambda(k)
		mse := above[k]/(n*n*(spread*spread))*(1-above[k]/n) + (x-low)*(x-low)
		if mse < least || mse == least && x < best {
			best, least = x, mse
		}
	}
	return best
}

// tenth is the 10% quantile, interpolated between order statistics (type 7 of
// Hyndman & Fan, 1996).
func tenth(xs [lambdas]float64) float64 {
	slices.Sort(xs[:])
	at := 0.1 * (lambdas - 1)
	i := int(at)
	return xs[i] + (at-float64(i))*(xs[i+1]-xs[i])
}
