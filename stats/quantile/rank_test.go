package quantile

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mathext"

	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// Both forms solve the same equation: the probability that the order statistic
// at the mass found lies on the wrong side of the quantile is α/2.
func TestRanksSolveTheBinomial(t *testing.T) {
	for _, q := range []float64{0.001, 0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 0.9999} {
		for _, n := range []float64{20, 137.5, 1e3, 1e4, 123456.7, 1e6, 1e8} {
			for _, level := range []float64{0.5, 0.8, 0.95, 0.999} {
				low, high, openLow, openHigh := ranks(n, q, level)
				tail := (1 - level) / 2
				if openLow != (math.Pow(1-q, n) > tail) || openHigh != (math.Pow(q, n) > tail) {
					t.Errorf("q %g, n %g, level %g: open %v %v", q, n, level, openLow, openHigh)
				}
				exact, _ := orderStatistic(n, q, tail)
				above, _ := orderStatistic(n, 1-q, tail)
				if !openLow {
					assert.Near(t, "low", low, exact, 0.02)
					if n < 1e6 && low < n-0.5 {
						k := low + 0.5
						assert.Near(t, "probability below", mathext.RegIncBeta(n+1-k, k, 1-q), tail, 0.02*norm.Density(0)/math.Sqrt(max(0.1, n*q*(1-q)))+1e-9)
					}
				}
				if !openHigh {
					assert.Near(t, "high", high, n-above, 0.02)
				}
			}
		}
	}
}

// The textbook's 95% interval for a median is an interval between order
// statistics; fractions lie between the two whole ones that enclose 95%. For n =
// 10, ranks 2 and 9 have 97.85% and 3 and 8 have 89.06% (David & Nagaraja,
// §7.1: Σ binomials/2¹⁰).
func TestRanksOfAMedian(t *testing.T) {
	low, high, _, _ := ranks(10, 0.5, 1-22.0/1024)
	assert.Near(t, "97.85%", low, 1.5, 1e-6)
	assert.Near(t, "97.85%", high, 8.5, 1e-6)
	low, high, _, _ = ranks(10, 0.5, 1-112.0/1024)
	assert.Near(t, "89.06%", low, 2.5, 1e-6)
	assert.Near(t, "89.06%", high, 7.5, 1e-6)
}

// Hutson (1999), the 95% interval for the median of 59 and of 37 annual floods:
// fractions k/(n + 1) as printed for R's package QuantileNPCI. Its root search stops
// early: by Simpson's rule on the beta density the tail of its 0.3750191 is
// 0.024973, and that of 0.375048425171 is 0.0250000000. So the package is
// met to 1e-4, the tolerance of R's uniroot, and the exact roots to 1e-9.
func TestRanksOfHutson(t *testing.T) {
	for n, want := range map[float64]struct{ printed, exact float64 }{59: {0.3750191, 0.375048425171}, 37: {0.3441421, 0.344139586721}} {
		low, high, _, _ := ranks(n, 0.5, 0.95)
		for _, u := range []float64{(low + 0.5) / (n + 1), 1 - (high+0.5)/(n+1)} {
			assert.Near(t, "as printed", u, want.printed, 1e-4)
			assert.Near(t, "exact", u, want.exact, 1e-9)
		}
	}
}

// R: quantreg's rule at p = 0.5 is n^(−1/3) 1.959964^(2/3) (1.5/2π)^(1/3).
func TestBandwidth(t *testing.T) {
	assert.Near(t, "median", bandwidth(1000, 0.5, 0.95), 0.1*math.Cbrt(1.959963984540054*1.959963984540054*1.5/(2*math.Pi)), 1e-12)
	assert.Near(t, "at most half of the way to 1", bandwidth(20, 0.99, 0.95), 0.005, 1e-15)
}
