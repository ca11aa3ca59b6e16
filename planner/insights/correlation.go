package insights

import (
	"math"

	"github.com/assay-planner/assay/stats"
)

// Correlation is that of two metrics of one user, which is that of the errors of their
// lifts in one test.
type Correlation struct {
	A     string  `json:"a"`
	B     string  `json:"b"`
	Value float64 `json:"value"`
	SE    float64 `json:"se"`   // 0: it was stated
	From  string  `json:"from"` // "stated" or "estimated"
}

// estimated tells the correlation of errors from that of true lifts by the tests that are
// nearly A/A tests: those whose standard errors are at least twice the spread τ of true
// lifts on both metrics, so that four fifths of what is seen is noise. With z the
// estimates over their standard errors, less their mean,
//
//	ρ = mean zₐz_b − λ · mean 1/(seₐ se_b)      over nearly A/A tests
//	λ = mean (δ̂ₐ − μₐ)(δ̂_b − μ_b) − ρ · mean seₐ se_b      over the others
//
// where λ, the covariance of true lifts, makes a small correction. Regressing products on
// seₐ se_b over all tests would use more, but a test that was stopped early because it
// looked good is both small and large in effect, which such a regression takes for ρ. The
// standard error is that of the mean of zₐz_b; it is infinite with fewer than 30 such tests.
//
// Source: the moments of Bibaut et al. (2024), as at proxy.Moments, solved for the noise.
func estimated(a, b []stats.Estimate) (rho, se float64) {
	fa, errA := stats.FitNormal(a)
	fb, errB := stats.FitNormal(b)
	if errA != nil || errB != nil {
		return 0, math.Inf(1)
	}
	var z []float64
	var inverse, products, noise, others float64
	for i := range a {
		product := (a[i].Value - fa.Prior.Mean) * (b[i].Value - fb.Prior.Mean)
		ss := a[i].SE * b[i].SE
		if a[i].SE >= 2*fa.Prior.SD && b[i].SE >= 2*fb.Prior.SD {
			z = append(z, product/ss)
			inverse += 1 / ss
		} else {
			products, noise, others = products+product, noise+ss, others+1
		}
	}
	n := float64(len(z))
	if n < 30 {
		return 0, math.Inf(1)
	}
	var mean, squares float64
	for _, x := range z {
		mean += x / n
	}
	for _, x := range z {
		squares += (x - mean) * (x - mean)
	}
	rho = mean
	if others > 0 { // both lines at once
		d := inverse / n
		rho = (mean - d*products/others) / (1 - d*noise/others)
		if d*noise/others > 0.5 { // the others are hardly more precise
			return 0, math.Inf(1)
		}
	}
	return rho, math.Sqrt(squares / (n * (n - 1)))
}
