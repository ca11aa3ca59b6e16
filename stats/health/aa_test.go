package health

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
	"gonum.org/v1/gonum/mathext"
)

func TestAA(t *testing.T) {
	// A perfect sample: p-values at (i − ½)/n.
	p := make([]float64, 1000)
	for i := range p {
		p[i] = (float64(i) + 0.5) / 1000
	}
	r := assert.Must(AA(p, AAOptions{}))
	if r.FalsePositives != 50 || r.KolmogorovP < 0.999999 || r.AndersonP < 0.999 || len(r.Warnings) > 0 || len(r.Quantiles) != 200 {
		t.Errorf("%+v", r)
	}
	assert.Near(t, "variance factor", r.VarianceFactor, 1, 0.005)
	if first, last := r.Quantiles[0], r.Quantiles[199]; first != (QuantilePoint{0.0005, 0.0005}) || last.Observed != p[999] {
		t.Errorf("QQ plot from %v to %v", first, last)
	}
	// R 4.2.2, binom.test(50, 1000): 0.0373353976, 0.0653904879.
	assert.Near(t, "share from", r.ShareInterval.Low, 0.0373353976, 1e-10)
	assert.Near(t, "share to", r.ShareInterval.High, 0.0653904879, 1e-10)
	// Without any false positive in 200 tests, P is 2·0.95²⁰⁰; with 20, R's
	// 2·pbinom(19, 200, 0.05, lower.tail = FALSE).
	for i := range p[:200] {
		p[i] = 0.06 + float64(i)/300
	}
	r = assert.Must(AA(p[:200], AAOptions{}))
	assert.Near(t, "no false positive", r.FalsePositivesP/(2*math.Pow(0.95, 200)), 1, 1e-12)
	for i := range p[:20] {
		p[i] = float64(i) / 1000
	}
	r = assert.Must(AA(p[:200], AAOptions{}))
	assert.Near(t, "20 false positives", r.FalsePositivesP, 0.00532915909965891, 1e-12)
	if r := assert.Must(AA([]float64{0, 0.5, 0.5, 1}, AAOptions{})); len(r.Warnings) != 2 {
		t.Errorf("warnings %q", r.Warnings)
	}
	_, err := AA(nil, AAOptions{})
	assert.Field(t, err, "p")
	_, err = AA([]float64{0.5, 1.5}, AAOptions{})
	assert.Field(t, err, "p[1]")
	_, err = AA([]float64{0.5}, AAOptions{Level: 1})
	assert.Field(t, err, "Level")
}

// With right standard errors each test alarms at its level; with a variance
// understated by 20% the factor's test has the power that the comment states.
func TestAASimulated(t *testing.T) {
	assert.Long(t)
	const runs, n = 20_000, 500
	rng := rand.New(rand.NewPCG(5, 23))
	p := make([]float64, n)
	for _, factor := range []float64{1, 1.25} {
		var variance, outside, anderson int
		for range runs {
			for i := range p {
				p[i] = 2 * norm.CDF(-math.Abs(rng.NormFloat64()*math.Sqrt(factor)))
			}
			r := assert.Must(AA(p, AAOptions{}))
			if r.VarianceP < 0.05 {
				variance++
			}
			if r.VarianceInterval.Low > factor || r.VarianceInterval.High < factor {
				outside++
			}
			if r.AndersonP < 0.05 {
				anderson++
			}
		}
		// The factor's test rejects where n f̂ leaves its χ² quantiles.
		low, high := 2*mathext.GammaIncRegInv(n/2, 0.025), 2*mathext.GammaIncRegCompInv(n/2, 0.025)
		power := mathext.GammaIncReg(n/2, low/factor/2) + mathext.GammaIncRegComp(n/2, high/factor/2)
		assert.Binomial(t, "variance test", variance, runs, power)
		assert.Binomial(t, "variance interval misses", outside, runs, 0.05)
		if factor == 1 {
			assert.Near(t, "level", power, 0.05, 1e-9)
			assert.Binomial(t, "Anderson–Darling", anderson, runs, 0.05)
		} else {
			assert.Near(t, "documented power", power, 0.94, 0.005)
		}
		t.Logf("factor %g: variance test %.4f (exact %.4f), Anderson–Darling %.4f", factor, float64(variance)/runs, power, float64(anderson)/runs)
	}
}
