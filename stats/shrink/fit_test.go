package shrink

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// small is the data set of the EM example, computed apart in Python from the
// update formula of Stephens (2017), from equal weights and without penalty.
func small() (es []stats.Estimate, o Options) {
	d := []float64{-1.2, -.4, .1, .3, .5, .9, 2.1, 3.5}
	se := []float64{.5, .5, .4, .4, .6, .6, .7, .7}
	for i := range d {
		es = append(es, stats.Estimate{Value: d[i], SE: se[i]})
	}
	return es, Options{SDs: []float64{.25, .5, 1, 2, 4}, NullWeight: 1}
}

func TestAdaptivePublished(t *testing.T) {
	es, o := small()
	fit := assert.Must(Adaptive(es, o))
	for k, want := range []float64{.475344, 0, 0, 0, .524656, 0} {
		assert.Near(t, "pi", fit.Weights[k], want, 5e-7)
	}
	assert.Near(t, "log likelihood", fit.LogLikelihood, -13.78338615, 5e-9)
	post := assert.Must(fit.Posteriors(es))
	for i, want := range []float64{-.904682, -.100015, .017537, .063747, .139306, .388875, 1.782100, 3.117915} {
		assert.Near(t, "posterior mean", post[i].Mean, want, 5e-7)
	}
}

func TestNoEffects(t *testing.T) {
	es := slices.Repeat([]stats.Estimate{{Value: 0, SE: 0.3}}, 50)
	fit := assert.Must(Adaptive(es, Options{}))
	if fit.Weights[0] != 1 || math.Abs(fit.LogRatio) > 1e-13 {
		t.Errorf("weights %v, log ratio %g of nothing but zeros", fit.Weights, fit.LogRatio)
	}
	for _, p := range assert.Must(fit.Posteriors(es)) {
		if want := (Posterior{LFDR: 1, LFSR: 1, SValue: 1, QValue: 1}); p != want {
			t.Fatalf("%+v, want %+v", p, want)
		}
	}
}

func TestOneEstimate(t *testing.T) {
	for _, value := range []float64{0, 0.1, -3, 1e30} {
		fit := assert.Must(Adaptive([]stats.Estimate{{Value: value, SE: 1}}, Options{NullWeight: 1, NoPointMass: true}))
		if len(fit.Warnings) == 0 {
			t.Error("one estimate, no warning")
		}
		// The likeliest normal has variance d² − se², or the least there is.
		best, sd := math.Inf(-1), 0.0
		for _, c := range fit.Components {
			if l := math.Log(math.Hypot(c.SD, 1)) + value*value/(c.SD*c.SD+1)/2; -l > best {
				best, sd = -l, c.SD
			}
		}
		if w := weightAt(fit, sd); math.Abs(w-1) > 1e-9 {
			t.Errorf("%g: weight %g of the likeliest component %g", value, w, sd)
		}
	}
}

func weightAt(fit Fit, sd float64) float64 {
	for k, c := range fit.Components {
		if c.SD == sd {
			return fit.Weights[k]
		}
	}
	return 0
}

// TestDefaultSDs where the largest effect sets the top, and where none does.
func TestDefaultSDs(t *testing.T) {
	es := []stats.Estimate{{Value: 1, SE: 2}, {Value: -1.3, SE: 0.5}, {Value: 0.1, SE: 0.4}}
	sds := defaultSDs(es, 0)
	if len(sds) != 13 { // 0.04 is 11.8 steps of √2 below the top
		t.Errorf("%d components, want 13", len(sds))
	}
	assert.Near(t, "top", sds[12], 2*1.2, 1e-12) // 2√(1.3² − 0.5²)
	assert.Near(t, "ratio", sds[1]/sds[0], math.Sqrt2, 1e-12)
	sds = defaultSDs(es, -0.9)
	assert.Near(t, "top around another mode", sds[len(sds)-1], 2*math.Sqrt(1-0.16), 1e-12)

	sds = defaultSDs(es[:1], 0)
	if len(sds) != 7 {
		t.Errorf("%d components, want 7", len(sds))
	}
	assert.Near(t, "bottom", sds[0], 0.2, 1e-15)
	assert.Near(t, "top", sds[6], 1.6, 1e-15)
}

func TestWarnings(t *testing.T) {
	es := spiked(rand.New(rand.NewPCG(17, 1)), 190)
	warned := func(what string, fit Fit, want int) {
		t.Helper()
		if len(fit.Warnings) != want {
			t.Errorf("%s: warnings %q, want %d", what, fit.Warnings, want)
		}
	}
	warned("nothing to say", assert.Must(Adaptive(es, Options{})), 0)
	warned("null weight", assert.Must(Adaptive(es[:100], Options{})), 1)
	warned("no null weight", assert.Must(Adaptive(es[:100], Options{NullWeight: 1})), 0)
	warned("few", assert.Must(Adaptive(es[:19], Options{NullWeight: 1})), 1)
	warned("narrow grid", assert.Must(Adaptive(es, Options{SDs: []float64{0.1, 0.2}})), 1)
	warned("places too far apart", assert.Must(Nonparametric(es, Points{Count: 5})), 1)
	warned("places close enough", assert.Must(Nonparametric(es, Points{Count: 5000})), 0)
}

func TestAdaptiveErrors(t *testing.T) {
	good := []stats.Estimate{{Value: 0.1, SE: 0.1}}
	check := func(es []stats.Estimate, o Options, field string) {
		t.Helper()
		_, err := Adaptive(es, o)
		assert.Field(t, err, field)
	}
	check(nil, Options{}, "es")
	check(append(good, stats.Estimate{Value: math.NaN(), SE: 1}), Options{}, "es[1].Value")
	check(append(good, stats.Estimate{Value: 1, SE: 0}), Options{}, "es[1].SE")
	check(append(good, stats.Estimate{Value: 1, SE: math.Inf(1)}), Options{}, "es[1].SE")
	check(good, Options{Mode: math.Inf(1)}, "Mode")
	check(good, Options{Mode: 1, EstimateMode: true}, "Mode")
	check(good, Options{NullWeight: 0.5}, "NullWeight")
	check(good, Options{NullWeight: math.NaN()}, "NullWeight")
	check(good, Options{SDs: []float64{1, 0}}, "SDs[1]")
	check(good, Options{SDs: []float64{1, 2, 2}}, "SDs[2]")
	check(good, Options{SDs: []float64{math.NaN()}}, "SDs[0]")
	_, err := Fit{}.Posteriors(good)
	assert.Field(t, err, "Weights")
	_, err = assert.Must(Adaptive(good, Options{})).Posteriors(nil)
	assert.Field(t, err, "es")
	_, err = assert.Must(Adaptive(good, Options{})).Credible(good[0], 1)
	assert.Field(t, err, "level")
	if level := assert.Must(assert.Must(Adaptive(good, Options{})).Credible(good[0], 0)).Level; level != 0.95 {
		t.Errorf("level %g by default", level)
	}
	_, err = assert.Must(Adaptive(good, Options{})).Credible(stats.Estimate{Value: 1}, 0.9)
	assert.Field(t, err, "e.SE")
	_, err = Nonparametric(nil, Points{})
	assert.Field(t, err, "es")
	_, err = Nonparametric(good, Points{Count: 1})
	assert.Field(t, err, "Count")
	_, err = Nonparametric(good, Points{At: []float64{0, math.NaN()}})
	assert.Field(t, err, "At[1]")
	_, err = Nonparametric(good, Points{At: []float64{1, 0}})
	assert.Field(t, err, "At[1]")
}

func TestFitSurvivesJSON(t *testing.T) {
	es, o := small()
	fit := assert.Must(Adaptive(es, o))
	var again Fit
	if err := json.Unmarshal(assert.Must(json.Marshal(fit)), &again); err != nil || !cmp.Equal(fit, again) {
		t.Errorf("%v %s", err, cmp.Diff(fit, again))
	}
}
