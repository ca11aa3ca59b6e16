package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/google/go-cmp/cmp"
)

func TestFitNormalByHand(t *testing.T) {
	// Exact estimates: the fit is their mean and population standard deviation.
	fit := assert.Must(FitNormal([]Estimate{{1, 1e-9}, {2, 1e-9}, {6, 1e-9}}))
	assert.Near(t, "mean", fit.Prior.Mean, 3, 1e-12)
	assert.Near(t, "sd", fit.Prior.SD, math.Sqrt(14./3), 1e-9)

	// Equal standard errors: τ² is the spread beyond them.
	fit = assert.Must(FitNormal([]Estimate{{-2, 1}, {0, 1}, {2, 1}}))
	assert.Near(t, "sd", fit.Prior.SD, math.Sqrt(8./3-1), 1e-12)
	assert.Near(t, "mean SE", fit.MeanSE, math.Sqrt(8./9), 1e-12)
	assert.Near(t, "variance SE", fit.VarianceSE, 8./3*math.Sqrt(2./3), 1e-12)
	v := 8. / 3
	assert.Near(t, "log likelihood", fit.LogLikelihood, -1.5*math.Log(2*math.Pi*v)-8/v/2, 1e-12)

	// Less spread than noise: no prior spread at all, the inverse-variance mean.
	fit = assert.Must(FitNormal([]Estimate{{0.1, 1}, {0.2, 2}}))
	if fit.Prior.SD != 0 {
		t.Errorf("sd %g from noise", fit.Prior.SD)
	}
	assert.Near(t, "mean", fit.Prior.Mean, (0.1+0.2/4)/(1+1./4), 1e-15)

	fit = assert.Must(FitNormal([]Estimate{{0.3, 0.2}}))
	if want := (NormalFit{Normal{0.3, 0}, 0.2, 0.04 * math.Sqrt2, -math.Log(0.2 * math.Sqrt(2*math.Pi)), 1}); !cmp.Equal(fit, want, closeTo(1e-12)) {
		t.Errorf("one estimate: %+v, want %+v", fit, want)
	}
}

// closeTo compares floats to a relative or absolute tolerance.
func closeTo(tolerance float64) cmp.Option {
	return cmp.Comparer(func(a, b float64) bool {
		return a == b || math.Abs(a-b) <= tolerance*max(1, math.Abs(a), math.Abs(b))
	})
}

// TestFitNormalIsMaximum: no nearby prior is more likely, on data with several
// scales of noise.
func TestFitNormalIsMaximum(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for range 50 {
		var es []Estimate
		for range 2 + rng.IntN(40) {
			se := 0.01 * math.Exp(1.5*rng.NormFloat64())
			es = append(es, Estimate{0.002 + (0.01+se)*rng.NormFloat64(), se})
		}
		fit := assert.Must(FitNormal(es))
		loglik := func(mean, variance float64) float64 {
			l := 0.0
			for _, e := range es {
				v := variance + e.SE*e.SE
				l -= (math.Log(2*math.Pi*v) + (e.Value-mean)*(e.Value-mean)/v) / 2
			}
			return l
		}
		variance := fit.Prior.SD * fit.Prior.SD
		assert.Near(t, "log likelihood", loglik(fit.Prior.Mean, variance), fit.LogLikelihood, 1e-9)
		for range 200 {
			mean := fit.Prior.Mean + fit.MeanSE*rng.NormFloat64()
			other := max(0, variance+0.3*fit.VarianceSE*rng.NormFloat64())
			if l := loglik(mean, other); l > fit.LogLikelihood+1e-9 {
				t.Fatalf("N(%g, %g) has log likelihood %g, the fit %g", mean, other, l, fit.LogLikelihood)
			}
		}
	}
}

// TestFitNormalScales: lifts in per cent instead of fractions change units only.
func TestFitNormalScales(t *testing.T) {
	es := []Estimate{{0.01, 0.004}, {-0.02, 0.006}, {0.03, 0.002}, {0.004, 0.01}}
	fit := assert.Must(FitNormal(es))
	for _, unit := range []float64{1e-30, 100, 1e30} {
		scaled := make([]Estimate, len(es))
		for i, e := range es {
			scaled[i] = Estimate{e.Value * unit, e.SE * unit}
		}
		other := assert.Must(FitNormal(scaled))
		assert.Near(t, "mean", other.Prior.Mean/unit, fit.Prior.Mean, 1e-12)
		assert.Near(t, "sd", other.Prior.SD/unit, fit.Prior.SD, 1e-12)
		assert.Near(t, "variance SE", other.VarianceSE/unit/unit, fit.VarianceSE, 1e-12)
	}
}

func TestFitNormalErrors(t *testing.T) {
	fit := func(es ...Estimate) error { _, err := FitNormal(es); return err }
	good := Estimate{0.1, 0.1}
	assert.Field(t, fit(), "es")
	assert.Field(t, fit(good, Estimate{0.1, 0}), "es[1].SE")
	assert.Field(t, fit(good, good, Estimate{0.1, -1}), "es[2].SE")
	assert.Field(t, fit(Estimate{0.1, math.NaN()}), "es[0].SE")
	assert.Field(t, fit(Estimate{0.1, math.Inf(1)}), "es[0].SE")
	assert.Field(t, fit(good, Estimate{math.NaN(), 1}), "es[1].Value")
	assert.Field(t, fit(Estimate{math.Inf(-1), 1}), "es[0].Value")
}
