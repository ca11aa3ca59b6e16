package quantile

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// ranks returns the masses between which the q-quantile of the population lies
// with the given level, from n independent events: real order statistics
// k_L, k_U with
//
//	I_q(k_L, n + 1 − k_L) = 1 − α/2      I_q(k_U, n + 1 − k_U) = α/2
//
// because P(Y₍ₖ₎ ≤ ξ) = P(binomial(n, q) ≥ k) = I_q(k, n + 1 − k). Order statistic k
// is the middle of its event, mass k − ½. open tells that even the first (last)
// event is too likely above (below) the quantile to be a bound.
//
// With a hundred or more of variance the binomial's Cornish–Fisher expansion to
// 1/σ² stands for the beta function: it is within 0.02 events (tested).
//
// Sources: Woodruff (1952), JASA 47:635–646; David & Nagaraja (2003), Order
// Statistics, 3rd ed., §7.1; fractions: Hutson (1999), Journal of Applied Statistics
// 26:343–353.
func ranks(n, q, level float64) (low, high float64, openLow, openHigh bool) {
	tail := (1 - level) / 2
	if n*q*(1-q) >= 100 {
		z := norm.Quantile(tail)
		return cornishFisher(n, q, z), cornishFisher(n, q, -z), false, false
	}
	low, openLow = orderStatistic(n, q, tail)
	// The upper end is the lower one of the values seen from above.
	high, openHigh = orderStatistic(n, 1-q, tail)
	return low, n - high, openLow, openHigh
}

// orderStatistic is the lower of the two masses.
func orderStatistic(n, q, tail float64) (rank float64, open bool) {
	// 1 − I_q(k, n + 1 − k), the probability that order statistic k is above the quantile.
	above := func(k float64) float64 { return mathext.RegIncBeta(n+1-k, k, 1-q) }
	if n < 1 || above(1) > tail {
		return 0, true
	}
	// At a rank of q(n + 1) and more this is about a half, so the root lies below. If
	// not, either even the last event is a safe bound or the level is near 0.
	top := max(1, min(n, q*(n+1)+1))
	if above(top) <= tail {
		return min(top-0.5, n*q), false
	}
	return solve.Root(1, top, 1e-9, func(k float64) float64 { return above(k) - tail }) - 0.5, false
}

// cornishFisher is the mass below which a binomial(n, q) count falls with
// probability Φ(z).
func cornishFisher(n, q, z float64) float64 {
	variance := n * q * (1 - q)
	sd := math.Sqrt(variance)
	skew, kurtosis := (1-2*q)/sd, (1-6*q*(1-q))/variance
	w := z + skew*(z*z-1)/6 + kurtosis*z*(z*z-3)/24 - skew*skew*z*(2*z*z-5)/36
	return n*q + sd*w
}

// bandwidth is how far from q, in shares of the events, the slope of the quantile
// function is taken for a standard error (Hall & Sheather):
//
//	h = n^(−1/3) z^(2/3) (1.5 φ(x)²/(2x² + 1))^(1/3)      x = Φ⁻¹(q), z = z₁₋α/₂
//
// at most half of the way to the nearer end. It shrinks faster than what is best
// for the slope itself, since it serves the coverage of an interval.
//
// Source: Hall & Sheather (1988), JRSS B 50:381–391; the default of R's quantreg.
func bandwidth(n, q, level float64) float64 {
	x, z := norm.Quantile(q), -norm.Quantile((1-level)/2)
	f := norm.Density(x)
	h := math.Cbrt(z * z / n * 1.5 * f * f / (2*x*x + 1))
	return min(h, q/2, (1-q)/2)
}
