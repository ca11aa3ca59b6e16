package shrink

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func FuzzFits(f *testing.F) {
	f.Add(0.01, 0.02, -0.01, 0.01, 0.3, 1e-30, 0.0, 5.0, 0.0, 0.0, uint8(0))
	f.Add(1e40, 1e-40, -1e40, 1e40, 0.0, 1.0, 1e-300, 1e-40, 0.0, 1.0, uint8(1))
	f.Add(1e40, 1e-40, -1e40, 1e-40, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, uint8(2))
	f.Add(1e40, 59.0, -1e40, 1e40, 0.0, -1.0, 0.0, 1.0, 0.0, 1.0, uint8(58))
	f.Add(math.NaN(), 1.0, 1.0, 0.0, math.Inf(1), -1.0, 1.0, math.NaN(), math.NaN(), 0.5, uint8(2))
	f.Add(1.0, 1e-40, 1.0, 1e-40, 1.0, 1e40, 1.0, 1e40, 3.0, 1e6, uint8(3))
	f.Add(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1e40, uint8(5))
	f.Add(-100.0, 1.0, 100.0, 1.0, 0.0, 1.0, 0.1, 1e-3, 0.0, 10.0, uint8(6))
	f.Fuzz(func(t *testing.T, a, sa, b, sb, c, sc, d, sd, mode, nullWeight float64, flags uint8) {
		all := []stats.Estimate{{Value: a, SE: sa}, {Value: b, SE: sb}, {Value: c, SE: sc}, {Value: d, SE: sd}}
		o := Options{NullWeight: nullWeight, NoPointMass: flags&1 > 0, EstimateMode: flags&2 > 0, Mode: mode}
		if flags&4 > 0 {
			o.SDs = []float64{sa, sb}
		}
		p := Points{Count: int(flags)}
		if flags&8 > 0 {
			p.At = []float64{a, b, mode}
		}
		for n := range len(all) + 1 {
			es := all[:n]
			fit, err := Adaptive(es, o)
			answered(t, fit, err, es, max(1, nullWeight))
			fit, err = Nonparametric(es, p)
			answered(t, fit, err, es, 1)
		}
	})
}

// answered: a fit is finite, optimal and a distribution, and all that comes of it for
// the estimates that it was fitted to is finite, and no error.
func answered(t *testing.T, fit Fit, err error, es []stats.Estimate, nullWeight float64) {
	t.Helper()
	assert.Answered[Fit](t)(fit, err)
	if err != nil {
		return
	}
	sum := 0.0
	for _, w := range fit.Weights {
		sum += w
		if w < 0 {
			t.Fatalf("weights %v", fit.Weights)
		}
	}
	if math.Abs(sum-1) > 1e-9 || fit.Gap < 0 || fit.Gap > 1e-9*(float64(fit.N)+max(10, nullWeight)) {
		t.Fatalf("weights sum to %g, gap %g, %d steps", sum, fit.Gap, fit.Steps)
	}
	rows := assert.Must(fit.Posteriors(es))
	assert.Answered[[]Posterior](t)(rows, nil)
	for _, p := range rows {
		if !(p.SD >= 0 && p.LFDR >= 0 && p.LFSR <= 1 && p.LFDR <= p.LFSR+1e-12 && p.SValue <= p.LFSR && p.QValue <= p.LFDR) {
			t.Fatalf("%+v", p)
		}
	}
	assert.Answered[stats.Interval](t)(assert.Must(fit.Credible(es[0], 0.9)), nil)
}
