package shrink

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// TestOutliers: estimates hundreds and millions of standard errors out neither
// underflow nor shrink, and the others keep their prior.
func TestOutliers(t *testing.T) {
	es := spiked(rand.New(rand.NewPCG(5, 1)), 500)
	before := assert.Must(Adaptive(es, Options{}))
	for _, far := range []float64{100, 1e4, -1e7} {
		with := append(slices.Clone(es), stats.Estimate{Value: far, SE: 1})
		fit := assert.Must(Adaptive(with, Options{}))
		if !(fit.Gap <= 1e-9*float64(len(with)+9)) || math.IsInf(fit.LogLikelihood, 0) {
			t.Errorf("%g: gap %g, log likelihood %g", far, fit.Gap, fit.LogLikelihood)
		}
		p := assert.Must(fit.Posteriors(with))[500]
		if math.Abs(p.Mean/far-1) > 0.02 || p.LFSR > 1e-100 || p.LFDR > 1e-100 {
			t.Errorf("%g: posterior %+v", far, p)
		}
		assert.Near(t, "null weight", fit.Weights[0], before.Weights[0], 0.02)

		// On a grid that ends far below it, all of its likelihoods are below 1e-308.
		fit = assert.Must(Adaptive(with, Options{SDs: []float64{0.5, 1, 2}}))
		certified(t, fit, 10)
		if !(fit.LogLikelihood < -far*far/2/5+2000) || math.IsInf(fit.LogLikelihood, 0) {
			t.Errorf("%g on a narrow grid: log likelihood %g", far, fit.LogLikelihood)
		}
	}
}

// TestOrder: shuffled estimates give the same fit, bit for bit, and their
// posteriors move along.
func TestOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	for _, n := range []int{1, 2, 100, 20000} {
		es := spiked(rng, n)
		fit := assert.Must(Adaptive(es, Options{}))
		post := assert.Must(fit.Posteriors(es))
		perm := rng.Perm(n)
		shuffled := make([]stats.Estimate, n)
		for i, j := range perm {
			shuffled[i] = es[j]
		}
		if again := assert.Must(Adaptive(shuffled, Options{})); !cmp.Equal(again, fit) {
			t.Errorf("n = %d: %s", n, cmp.Diff(fit, again))
		}
		for i, p := range assert.Must(fit.Posteriors(shuffled)) {
			if p != post[perm[i]] {
				t.Fatalf("n = %d: %+v, before %+v", n, p, post[perm[i]])
			}
		}
	}
}

// TestUnits: effects in other units give the same weights.
func TestUnits(t *testing.T) {
	es := spiked(rand.New(rand.NewPCG(7, 1)), 300)
	fit := assert.Must(Adaptive(es, Options{}))
	post := assert.Must(fit.Posteriors(es))
	for _, unit := range []float64{0x1p-40, 100, 1e25} {
		scaled := make([]stats.Estimate, len(es))
		for i, e := range es {
			scaled[i] = stats.Estimate{Value: e.Value * unit, SE: e.SE * unit}
		}
		other := assert.Must(Adaptive(scaled, Options{}))
		for k, w := range fit.Weights {
			assert.Near(t, "weight", other.Weights[k], w, 1e-7)
			assert.Near(t, "sd", other.Components[k].SD/unit, fit.Components[k].SD, 1e-12*(1+fit.Components[k].SD))
		}
		assert.Near(t, "log likelihood", other.LogLikelihood+300*math.Log(unit), fit.LogLikelihood, 1e-6)
		for i, p := range assert.Must(other.Posteriors(scaled)) {
			assert.Near(t, "mean", p.Mean/unit, post[i].Mean, 1e-6)
			assert.Near(t, "lfsr", p.LFSR, post[i].LFSR, 1e-7)
		}
	}
}

// TestMirror: effects of the other sign give the same weights and rates.
func TestMirror(t *testing.T) {
	es := spiked(rand.New(rand.NewPCG(8, 1)), 300)
	mirrored := slices.Clone(es)
	for i := range mirrored {
		mirrored[i].Value *= -1
	}
	fit, other := assert.Must(Adaptive(es, Options{})), assert.Must(Adaptive(mirrored, Options{}))
	a, b := assert.Must(fit.Posteriors(es)), assert.Must(other.Posteriors(mirrored))
	for i := range a {
		assert.Near(t, "mean", a[i].Mean, -b[i].Mean, 1e-7)
		assert.Near(t, "lfsr", a[i].LFSR, b[i].LFSR, 1e-7)
	}
}
