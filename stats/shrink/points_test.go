package shrink

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// twoPoints draws effects of −1 or 2, measured with several standard errors.
func twoPoints(rng *rand.Rand, n int) []stats.Estimate {
	es := make([]stats.Estimate, n)
	for i := range es {
		se, effect := 0.5+rng.Float64(), -1.0
		if rng.Float64() < 0.3 {
			effect = 2
		}
		es[i] = stats.Estimate{Value: effect + se*rng.NormFloat64(), SE: se}
	}
	return es
}

// TestNonparametricFinds the points that the effects were drawn from.
func TestNonparametricFinds(t *testing.T) {
	es := twoPoints(rand.New(rand.NewPCG(13, 1)), 5000)
	fit := assert.Must(Nonparametric(es, Points{}))
	low, high := 0.0, 0.0
	for k, c := range fit.Components {
		if math.Abs(c.Mean+1) < 0.5 {
			low += fit.Weights[k]
		}
		if math.Abs(c.Mean-2) < 0.5 {
			high += fit.Weights[k]
		}
	}
	assert.Near(t, "weight near -1", low, 0.7, 0.05)
	assert.Near(t, "weight near 2", high, 0.3, 0.05)
	if truth := assert.Must(Nonparametric(es, Points{At: []float64{-1, 2}})); truth.LogLikelihood > fit.LogLikelihood+0.5 {
		t.Errorf("the grid is %g less likely than the truth", truth.LogLikelihood-fit.LogLikelihood)
	}
}

// TestTweedie: posterior means of the fit are δ̂ + se² (log f)′(δ̂), the derivative
// taken numerically of the predictive density.
func TestTweedie(t *testing.T) {
	es := twoPoints(rand.New(rand.NewPCG(14, 1)), 300)
	for _, fit := range []Fit{assert.Must(Nonparametric(es, Points{})), assert.Must(Adaptive(es, Options{}))} {
		prior := fit.Prior()
		for i, p := range assert.Must(fit.Posteriors(es)) {
			e, h := es[i], 1e-4*es[i].SE
			slope := (prior.LogMarginal(e.Value+h, e.SE) - prior.LogMarginal(e.Value-h, e.SE)) / (2 * h)
			assert.Near(t, "posterior mean", p.Mean, e.Value+e.SE*e.SE*slope, 1e-6)
		}
	}
}

// TestNonparametricBeatsAll: no prior on the same places is more likely; one with
// three points, all the same to it, has each at its estimate.
func TestNonparametricBeatsAll(t *testing.T) {
	fit := assert.Must(Nonparametric([]stats.Estimate{{Value: 0, SE: 0.01}, {Value: 1, SE: 0.01}, {Value: 3, SE: 0.01}}, Points{Count: 301}))
	for k, c := range fit.Components {
		want := 0.0
		if c.Mean == 0 || math.Abs(c.Mean-1) < 1e-9 || c.Mean == 3 {
			want = 1. / 3
		}
		assert.Near(t, "weight", fit.Weights[k], want, 1e-9)
	}
	want := -3*math.Log(3) - 3*math.Log(0.01*math.Sqrt(2*math.Pi))
	assert.Near(t, "log likelihood", fit.LogLikelihood, want, 1e-9)

	// A convex programme that includes the normal's grid is at least as likely.
	es := spiked(rand.New(rand.NewPCG(15, 1)), 200)
	all := assert.Must(Nonparametric(es, Points{Count: 20000}))
	if adaptive := assert.Must(Adaptive(es, Options{NullWeight: 1})); adaptive.LogLikelihood > all.LogLikelihood {
		t.Errorf("adaptive %g above nonparametric %g", adaptive.LogLikelihood, all.LogLikelihood)
	}
}

func TestOnePlace(t *testing.T) {
	for _, n := range []int{1, 3} {
		es := make([]stats.Estimate, n)
		for i := range es {
			es[i] = stats.Estimate{Value: 2, SE: 1}
		}
		fit := assert.Must(Nonparametric(es, Points{}))
		if len(fit.Weights) != 1 || fit.Weights[0] != 1 || fit.Components[0] != (stats.Normal{Mean: 2}) {
			t.Errorf("%+v", fit)
		}
	}
}

// TestFarFromTheSample: an estimate that the sample of the start has nothing like
// gets its point nevertheless.
func TestFarFromTheSample(t *testing.T) {
	es := append(twoPoints(rand.New(rand.NewPCG(16, 1)), 20000), stats.Estimate{Value: 500, SE: 0.3})
	// In the order of standard errors it is the first, which the sample leaves out.
	fit := assert.Must(Nonparametric(es, Points{Count: 1000}))
	certified(t, fit, 1)
	assert.Near(t, "weight of the farthest place", fit.Weights[999], 1./20001, 1e-9)
}
