package meta

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/golden"
)

var methods = []Method{EE, DL, HE, HS, SJ, PM, EB, ML, REML}

// TestFitByHand: with equal standard errors all weights are equal, and every
// estimator is the spread beyond the noise.
func TestFitByHand(t *testing.T) {
	es := []stats.Estimate{{Value: -2, SE: 1}, {Value: 0, SE: 1}, {Value: 5, SE: 1}}
	for method, tau2 := range map[Method]float64{
		EE: 0, DL: 12, HE: 12, PM: 12, EB: 12, REML: 12, // 26/2 − 1
		ML: 26./3 - 1, HS: (26. - 3) / 3, SJ: 26. / 3 * 26 / (1 + 26./3) / 2,
	} {
		fit := assert.Must(Fit(es, Options{Method: method}))
		assert.Near(t, string(method)+" tau2", fit.Tau2, tau2, 1e-13)
		assert.Near(t, string(method)+" mean", fit.Mean, 1, 1e-14)
		assert.Near(t, string(method)+" se", fit.SE, math.Sqrt((1+tau2)/3), 1e-13)
		assert.Near(t, string(method)+" prediction", fit.Prediction.High, 1+1.959963984540054*math.Sqrt((1+tau2)/3+tau2), 1e-12)
		assert.Near(t, string(method)+" Q", fit.Q, 26, 1e-13)
		assert.Near(t, string(method)+" Q p", fit.QP, math.Exp(-13), 1e-15)
		if method != EE {
			assert.Near(t, string(method)+" I2", fit.I2, tau2/(1+tau2), 1e-14)
			assert.Near(t, string(method)+" H2", fit.H2, 1+tau2, 1e-12)
		}
		// Knapp–Hartung is then the t-test of the estimates, whatever τ² is.
		fit = assert.Must(Fit(es, Options{Method: method, KnappHartung: true}))
		assert.Near(t, string(method)+" KH se", fit.SE, math.Sqrt(13./3), 1e-13)
		assert.Near(t, string(method)+" KH p", fit.P, 1-fit.Statistic/math.Sqrt(2+fit.Statistic*fit.Statistic), 1e-13)
		assert.Near(t, string(method)+" KH bound", fit.Interval.High, 1+0.95*math.Sqrt(2/(1-0.95*0.95))*fit.SE, 1e-12)
	}
	fit := assert.Must(Fit(es, Options{Method: EE}))
	assert.Near(t, "EE I2", fit.I2, 24./26, 1e-15)
	assert.Near(t, "EE H2", fit.H2, 13, 1e-13)
}

// TestExactRoots holds the iterated estimators against roots in 40-digit arithmetic
// (Python's mpmath). metafor's REML is 8.8e-7 above its root here, its EB 2.4e-7 and
// its PM, which has the same one, 5.2e-8.
func TestExactRoots(t *testing.T) {
	rows := golden.Read(t, golden.Dir(t)+"/meta_studies.csv")
	var es []stats.Estimate
	for _, r := range rows {
		if r.Text("dataset") == "asos_shared_metric3_z" {
			es = append(es, stats.Estimate{Value: r.Num("yi"), SE: math.Sqrt(r.Num("vi"))})
		}
	}
	if len(es) != 50 {
		t.Skip("the tables have another selection of data sets")
	}
	for method, root := range map[Method][2]float64{
		REML: {2.652004464313403e-6, 1.82978971838877e-5},
		PM:   {3.722355237098656e-6, 2.440343033306302e-5},
		EB:   {3.722355237098656e-6, 2.440343033306302e-5},
	} {
		fit := assert.Must(Fit(es, Options{Method: method}))
		assert.Near(t, string(method)+" tau2", fit.Tau2/root[0], 1, 1e-12)
		assert.Near(t, string(method)+" mean", fit.Mean/root[1], 1, 1e-12)
	}
}

// uneven are precise and imprecise estimates with as much spread each as their
// noise: they disagree about τ², and the likelihood often has several maxima.
func uneven(rng *rand.Rand) (es []stats.Estimate) {
	for range 2 + rng.IntN(12) {
		se := math.Pow(100, -float64(rng.IntN(2))) * math.Exp(0.3*rng.NormFloat64())
		es = append(es, stats.Estimate{Value: 2 * se * rng.NormFloat64(), SE: se})
	}
	return es
}

// TestSameAsFitNormal: the prior by maximum likelihood is the ML fit, and the
// shrunken effects are its posteriors with the uncertainty of its mean.
func TestSameAsFitNormal(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	for range 400 {
		es := uneven(rng)
		prior, fit := assert.Must(stats.FitNormal(es)), assert.Must(Fit(es, Options{Method: ML}))
		scale := fit.Tau2 + fit.Tau2SE
		assert.Near(t, "tau2", fit.Tau2/scale, prior.Prior.SD*prior.Prior.SD/scale, 1e-10)
		assert.Near(t, "tau2 SE", fit.Tau2SE/prior.VarianceSE, 1, 1e-9)
		assert.Near(t, "mean", (fit.Mean-prior.Prior.Mean)/prior.MeanSE, 0, 1e-9)
		assert.Near(t, "mean SE", fit.SE/prior.MeanSE, 1, 1e-9)
		for i, x := range assert.Must(fit.Shrink(es)) {
			posterior := prior.Prior.Posterior(es[i].Value, es[i].SE)
			assert.Near(t, "shrunken", (x.Estimate.Value-posterior.Mean)/es[i].SE, 0, 1e-7)
			weight := es[i].SE * es[i].SE / (fit.Tau2 + es[i].SE*es[i].SE)
			assert.Near(t, "shrunken SE", x.Estimate.SE/math.Hypot(posterior.SD, weight*fit.SE), 1, 1e-7)
		}
	}
}

// TestRestrictedIsHighest: no τ² on a dense grid has a higher restricted
// likelihood, though many of these data sets have several maxima.
func TestRestrictedIsHighest(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 2))
	several := 0
	for range 300 {
		es := uneven(rng)
		fit := assert.Must(Fit(es, Options{}))
		best, maxima := restrictedLikelihood(es, fit.Tau2), 0
		rising, before := false, math.Inf(-1)
		for tau2 := 1e-14; tau2 < 1e4; tau2 *= 1.1 {
			l := restrictedLikelihood(es, tau2)
			if l > best+1e-9 {
				t.Fatalf("%v: τ² = %g has restricted likelihood %g, the fit's %g only %g", es, tau2, l, fit.Tau2, best)
			}
			if l < before-1e-12 && rising {
				maxima++
			}
			rising, before = l >= before-1e-12, l
		}
		if maxima > 1 {
			several++
		}
	}
	if several < 3 {
		t.Errorf("only %d data sets with several maxima: the test has no teeth", several)
	}
}

func restrictedLikelihood(es []stats.Estimate, tau2 float64) (l float64) {
	sum, weight := 0.0, 0.0
	for _, e := range es {
		w := 1 / (tau2 + e.SE*e.SE)
		sum, weight, l = sum+w*e.Value, weight+w, l+math.Log(w)/2
	}
	for _, e := range es {
		r := e.Value - sum/weight
		l -= r * r / (tau2 + e.SE*e.SE) / 2
	}
	return l - math.Log(weight)/2
}

func TestFitWithoutSpread(t *testing.T) {
	near := []stats.Estimate{{Value: 0.1, SE: 1}, {Value: 0.2, SE: 2}, {Value: 0.15, SE: 0.5}}
	equal := []stats.Estimate{{Value: 3, SE: 1}, {Value: 3, SE: 2}}
	for _, method := range methods {
		want, got := assert.Must(Fit(near, Options{Method: EE})), assert.Must(Fit(near, Options{Method: method}))
		if method != SJ && (got.Tau2 != 0 || got.Mean != want.Mean || got.SE != want.SE || got.I2 != 0) {
			t.Errorf("%s: %+v of estimates within their noise", method, got)
		}
		if fit := assert.Must(Fit(equal, Options{Method: method})); fit.Tau2 != 0 || fit.Mean != 3 || fit.Q != 0 || fit.QP != 1 {
			t.Errorf("%s: %+v of equal estimates", method, fit)
		}
		_, err := Fit(equal, Options{Method: method, KnappHartung: true})
		assert.Field(t, err, "es")

		one := assert.Must(Fit(near[:1], Options{Method: method}))
		if one.Mean != 0.1 || one.SE != 1 || one.Tau2 != 0 || one.Q != 0 || one.QP != 1 || one.I2 != 0 || one.H2 != 1 {
			t.Errorf("%s: %+v of one study", method, one)
		}
		_, err = Fit(near[:1], Options{Method: method, KnappHartung: true})
		assert.Field(t, err, "KnappHartung")
	}
	for i, x := range assert.Must(assert.Must(Fit(near, Options{})).Shrink(near)) {
		if fit := assert.Must(Fit(near, Options{})); x.Estimate != (stats.Estimate{Value: fit.Mean, SE: fit.SE}) || x.Interval != fit.Interval {
			t.Errorf("study %d: %+v, without spread all are the mean", i, x)
		}
	}
}

func TestFitRefuses(t *testing.T) {
	ok := []stats.Estimate{{Value: 1, SE: 1}, {Value: 2, SE: 1}}
	for field, c := range map[string]struct {
		es []stats.Estimate
		o  Options
	}{
		"es":          {nil, Options{}},
		"es[1].Value": {[]stats.Estimate{{Value: 1, SE: 1}, {Value: math.NaN(), SE: 1}}, Options{}},
		"es[0].SE":    {[]stats.Estimate{{Value: 1}}, Options{}},
		"es[1]":       {[]stats.Estimate{{Value: 1, SE: 1e-30}, {Value: 1e31, SE: 1e-30}}, Options{}},
		"Method":      {ok, Options{Method: "DerSimonian"}},
		"Level":       {ok, Options{Level: 95}},
	} {
		_, err := Fit(c.es, c.o)
		assert.Field(t, err, field)
	}
	_, err := assert.Must(Fit(ok, Options{})).Shrink([]stats.Estimate{{SE: -1}})
	assert.Field(t, err, "es[0].SE")
}

func TestResultJSON(t *testing.T) {
	text := assert.Must(json.Marshal(assert.Must(Fit([]stats.Estimate{{Value: 1, SE: 1}}, Options{Method: EE, Level: 0.5}))))
	for _, key := range []string{`"tau2":0`, `"mean":1`, `"q_p":1`, `"prediction":{"low":`, `"level":0.5`} {
		if !strings.Contains(string(text), key) {
			t.Errorf("%s has no %s", text, key)
		}
	}
}

// TestWarnings: by number of studies and by how well they agree.
func TestWarnings(t *testing.T) {
	apart := []stats.Estimate{{Value: 0, SE: 1}, {Value: 3, SE: 1}, {Value: 6, SE: 1}, {Value: -3, SE: 1}, {Value: 9, SE: 1}}
	alike := []stats.Estimate{{Value: 0, SE: 1}, {Value: 0.1, SE: 1}, {Value: 0.2, SE: 1}, {Value: 0, SE: 1}, {Value: 0.1, SE: 1}}
	for _, x := range []struct {
		name string
		es   []stats.Estimate
		o    Options
		want int
	}{
		{"five", apart, Options{}, 0},
		{"five, Knapp–Hartung", apart, Options{KnappHartung: true}, 0},
		{"five, Knapp–Hartung, Paule–Mandel", apart, Options{Method: PM, KnappHartung: true}, 0},
		{"four", apart[:4], Options{}, 1},
		{"four, Knapp–Hartung", apart[:4], Options{Method: DL, KnappHartung: true}, 1},
		{"four, equal effects", apart[:4], Options{Method: EE}, 0},
		{"one", apart[:1], Options{}, 1},
		{"alike", alike, Options{}, 0},
		{"alike, Knapp–Hartung", alike, Options{KnappHartung: true}, 1},
		{"two alike, Knapp–Hartung", alike[:2], Options{KnappHartung: true}, 2},
	} {
		r := assert.Must(Fit(x.es, x.o))
		if len(r.Warnings) != x.want || len(x.es) == 1 && !strings.HasPrefix(r.Warnings[0], "one study") {
			t.Errorf("%s: warnings %q, want %d", x.name, r.Warnings, x.want)
		}
	}
}
