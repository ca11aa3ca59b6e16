package shrink

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// around draws effects from a distribution with its mode at a place.
func around(rng *rand.Rand, n int, mode float64) []stats.Estimate {
	es := spiked(rng, n)
	for i := range es {
		es[i].Value += mode
	}
	return es
}

// TestEstimateMode: the estimated mode is no worse than any other, finds the
// truth, and moves with the estimates.
func TestEstimateMode(t *testing.T) {
	for _, n := range []int{1, 2, 50, 600, 3000} {
		es := around(rand.New(rand.NewPCG(11, 1)), n, 3)
		fit := assert.Must(Adaptive(es, Options{EstimateMode: true}))
		sds := make([]float64, len(fit.Components)-1)
		for k := range sds {
			sds[k] = fit.Components[k+1].SD
		}
		for _, off := range []float64{-3, -1, -0.3, -0.1, -0.01, -1e-4, 1e-4, 0.01, 0.1, 0.3, 1} {
			other := assert.Must(Adaptive(es, Options{Mode: fit.Mode + off, SDs: sds}))
			if other.Objective > fit.Objective+1e-7 {
				t.Errorf("n = %d: mode %g has objective %g, the estimate %g has %g", n, fit.Mode+off, other.Objective, fit.Mode, fit.Objective)
			}
		}
		if n >= 600 {
			// Seven in ten effects are at 3, with standard errors of about 1.
			assert.Near(t, "mode", fit.Mode, 3, 4.5*1.5/math.Sqrt(0.7*float64(n)))
		}
		for i := range es {
			es[i].Value = 7 - 2*es[i].Value
			es[i].SE *= 2
		}
		again := assert.Must(Adaptive(es, Options{EstimateMode: true}))
		if n > 2 { // with two, either can be the mode
			assert.Near(t, "mode of mirrored estimates", again.Mode, 7-2*fit.Mode, 1e-4)
		}
	}
}

// TestModeSlope: the derivative that the search goes by is that of the objective.
func TestModeSlope(t *testing.T) {
	es := ordered(around(rand.New(rand.NewPCG(12, 1)), 700, 1))
	f := Options{}.spreads(es, 1)
	penalty := Options{}.penalty(f)
	for _, mode := range []float64{-2, 0, 0.8, 1.1, 2} {
		const h = 1e-4
		rise := profileAt(f, es, penalty, mode+h).value - profileAt(f, es, penalty, mode-h).value
		slope := profileAt(f, es, penalty, mode).slope
		assert.Near(t, "slope", rise/(2*h), slope, 1e-3*(1+math.Abs(slope)))
	}
}
