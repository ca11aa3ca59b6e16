package returns

import (
	"fmt"
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// lattice is experiments of one arm at evenly spaced estimates, worth their
// probability: a rule's total is then its expectation over estimates of that density,
// by the midpoint rule. A worth of 0 would count as 1.
func lattice(from, to float64, n int, se float64, density func(x float64) float64) []Experiment {
	es, h := make([]Experiment, n), (to-from)/float64(n)
	for i := range es {
		x := from + (float64(i)+0.5)*h
		es[i] = Experiment{Arms: []stats.Estimate{{Value: x, SE: se}}, Worth: math.Max(h*density(x), 1e-300)}
	}
	return es
}

func normalDensity(mean, sd float64) func(float64) float64 {
	return func(x float64) float64 { return norm.Density((x-mean)/sd) / sd }
}

func total(t *testing.T, es []Experiment, r Rule, o Options) float64 {
	t.Helper()
	got, err := Of(es, r, o)
	if err != nil {
		t.Fatal(err)
	}
	return got.Total.Value
}

// Without any effect the expected plug-in return is se φ(b), and all else is 0.
func TestNoEffectsReturnNothing(t *testing.T) {
	const se = 0.02
	prior := bayes.StudentT{Location: -0.001, Scale: 0.01, DF: 3}
	for _, alpha := range []float64{0.025, 0.2, 0.5} {
		b := -norm.Quantile(alpha)
		// Midpoints on both sides of the cut, so that none of the rule's step is split.
		es := lattice((b-10)*se, (b+10)*se, 20_000, se, normalDensity(0, se))
		assert.Near(t, fmt.Sprintf("plug-in at %g", alpha), total(t, es, Significant(alpha), Options{Method: PlugIn}), se*norm.Density(b), 1e-6*se)
	}
	es := lattice(-0.3, 0.3, 400, se, normalDensity(0, se))
	for _, r := range []Rule{Significant(0.025), Significant(0.2), Best(), Never(), PosteriorMean("t", prior, 0), PosteriorMean("t", prior, 0.003)} {
		for _, a := range []float64{0.3, 0.5, 1, 2} {
			assert.Near(t, fmt.Sprintf("%s, a = %g", r.Name, a), total(t, es, r, Options{Noise: a}), 0, 1e-12)
		}
	}
}

// For any one true effect the expectation is δ P(X₁ > cut) at the larger error.
func TestUnbiasedAtTheReducedInformation(t *testing.T) {
	const se = 0.02
	for _, delta := range []float64{-0.03, 0.004, 0.05} {
		es := lattice(delta-0.3, delta+0.3, 400, se, normalDensity(delta, se))
		for _, a := range []float64{0.3, 0.5, 1, 2} {
			small := se * math.Sqrt(1+a*a)
			want := delta * stats.Significant{}.ProbShip(delta, stats.Normal{}, small)
			assert.Near(t, fmt.Sprintf("δ = %g, a = %g", delta, a), total(t, es, Significant(0), Options{Noise: a}), want, 1e-12)
		}
	}
}

// Against the oracle of whole distributions of effects: gains of a smaller test.
func TestUnbiasedForNormalAndStudentTruths(t *testing.T) {
	const se = 0.02
	for _, c := range []struct {
		name  string
		truth bayes.Prior
		far   float64
	}{
		{"normal", bayes.Single(stats.Normal{Mean: -0.005, SD: 0.02}), 0.4},
		{"spike", bayes.Mixture{Weights: []float64{0.8, 0.2}, Components: []stats.Normal{{}, {Mean: 0.01, SD: 0.03}}}, 0.5},
		{"t", bayes.StudentT{Location: -0.002, Scale: 0.01, DF: 4}, 3},
	} {
		es := lattice(-c.far, c.far, int(c.far*400), se, func(x float64) float64 { return math.Exp(c.truth.LogMarginal(x, se)) })
		for _, a := range []float64{0.5, 1} {
			o, small := Options{Noise: a}, se*math.Sqrt(1+a*a)
			for _, alpha := range []float64{0.025, 0.2} {
				want, _ := c.truth.Split(-norm.Quantile(alpha)*small, small)
				assert.Near(t, fmt.Sprintf("%s, α = %g, a = %g", c.name, alpha, a), total(t, es, Significant(alpha), o), want, 1e-8)
			}
			want, _ := c.truth.Split(posteriorCut(c.truth, 0.001, small), small)
			assert.Near(t, fmt.Sprintf("%s, posterior mean, a = %g", c.name, a), total(t, es, PosteriorMean("", c.truth, 0.001), o), want, 1e-8)
		}
	}
}

// An extrapolation removes most of what the smaller test costs, and its last step says
// what is left: nearly all of it where effects are small and hardly any ship, far more
// than there is elsewhere.
func TestExtrapolatedReachesAllInformation(t *testing.T) {
	const se = 0.02
	for _, mean := range []float64{0, -0.01} {
		for _, sd := range []float64{0.01, 0.02, 0.04, 0.1} {
			truth := bayes.Single(stats.Normal{Mean: mean, SD: sd})
			es := lattice(-1, 1, 2000, se, normalDensity(mean, math.Hypot(sd, se)))
			for _, r := range []Rule{Significant(0.025), Significant(0.2), PosteriorMean("", truth, 0)} {
				want, _ := truth.Split(r.bar.cut(se), se)
				far := math.Abs(total(t, es, r, Options{}) - want)
				got := assert.Must(Of(es, r, Options{Method: Extrapolated})).Total
				near := math.Abs(got.Value - want)
				t.Logf("N(%g, %g²), %s: oracle %.6f, thinned off by %.6f, extrapolated by %.6f of a stated %.6f", mean, sd, r.Name, want, far, near, got.Bias)
				if near > 0.3*far || near > 1.25*got.Bias {
					t.Errorf("N(%g, %g²), %s: %g is off by %g, thinned by %g; stated %g", mean, sd, r.Name, want, near, far, got.Bias)
				}
			}
		}
	}
}

func TestPosteriorCut(t *testing.T) {
	for _, prior := range []bayes.Prior{
		bayes.Single(stats.Normal{Mean: -0.01, SD: 0.02}),
		bayes.Mixture{Weights: []float64{0.8, 0.2}, Components: []stats.Normal{{}, {Mean: 0.01, SD: 0.03}}},
		bayes.StudentT{Location: -0.002, Scale: 0.01, DF: 1.3},
	} {
		for _, c := range []float64{0, 0.002, 0.05, -0.004} {
			for _, se := range []float64{0.002, 0.02, 0.2} {
				cut := posteriorCut(prior, c, se)
				assert.Near(t, fmt.Sprintf("%+v at %g", prior, se), prior.PosteriorMean(cut, se), c, 1e-12)
			}
		}
	}
	point := bayes.Mixture{Weights: []float64{1, 1}, Components: []stats.Normal{{Mean: 0}, {Mean: 0.01}}}
	for c, want := range map[float64]float64{0.02: math.Inf(1), 0.01: math.Inf(1), -0.1: math.Inf(-1), 0.005: 0.005} {
		if got := posteriorCut(point, c, 0.01); got != want && !(math.Abs(got-want) < 1e-9) {
			t.Errorf("two points, c = %g: %g, want %g", c, got, want)
		}
	}
	if got := posteriorCut(bayes.Single(stats.Normal{}), 0, 1); !math.IsInf(got, 1) {
		t.Errorf("a point at the cut ships above %g", got)
	}
	if got := posteriorCut(bayes.Single(stats.Normal{Mean: 1}), 0, 1); !math.IsInf(got, -1) {
		t.Errorf("a point above the cut ships above %g", got)
	}
}
