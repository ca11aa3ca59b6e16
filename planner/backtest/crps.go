package backtest

import (
	"math"

	"github.com/assay-planner/assay/stats/bayes"
)

// crps is the continuous ranked probability score of a mixture of normals, in the unit
// of y; less is better:
//
//	CRPS = Σ wₖ A(y − μₖ, σₖ²) − ½ ΣΣ wₖ wₗ A(μₖ − μₗ, σₖ² + σₗ²)
//	A(m, s²) = 2s φ(m/s) + m (2Φ(m/s) − 1)
//
// which is E|X − y| − ½ E|X − X'|. Source: Grimit, Gneiting, Berrocal & Johnson (2006),
// Quarterly Journal of the Royal Meteorological Society 132:2925–2942, eq. 5.
func crps(m bayes.Mixture, y float64) float64 {
	total := 0.0
	for _, w := range m.Weights {
		total += w
	}
	var toY, apart float64
	for k, c := range m.Components {
		toY += m.Weights[k] * absolute(y-c.Mean, c.SD)
		apart += m.Weights[k] * m.Weights[k] * absolute(0, math.Sqrt2*c.SD)
		for l := range k {
			d := m.Components[l]
			apart += 2 * m.Weights[k] * m.Weights[l] * absolute(c.Mean-d.Mean, math.Hypot(c.SD, d.SD))
		}
	}
	return toY/total - apart/(2*total*total)
}

// absolute is E|X| of X ~ N(mean, sd²).
func absolute(mean, sd float64) float64 {
	if sd == 0 {
		return math.Abs(mean)
	}
	z := mean / sd
	return sd*math.Sqrt(2/math.Pi)*math.Exp(-z*z/2) + mean*math.Erf(z/math.Sqrt2)
}
