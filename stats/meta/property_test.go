package meta

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"pgregory.net/rapid"
)

func drawStudies(t *rapid.T) []stats.Estimate {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) stats.Estimate {
		return stats.Estimate{Value: float64(rapid.IntRange(-300, 300).Draw(t, "value")) / 100, SE: rapid.Float64Range(0.05, 2).Draw(t, "se")}
	}), 2, 12).Draw(t, "studies")
}

// same compares fits on the scale of the standard errors of the first.
func same(t *rapid.T, what string, got, want Result, tolerance float64) {
	for name, d := range map[string]float64{
		"tau2": (got.Tau2 - want.Tau2) / (want.Tau2 + want.Tau2SE + 1e-300), "mean": (got.Mean - want.Mean) / want.SE,
		"se": got.SE/want.SE - 1, "Q": (got.Q - want.Q) / (1 + want.Q), "I2": got.I2 - want.I2, "low": (got.Prediction.Low - want.Prediction.Low) / want.SE,
	} {
		if !(math.Abs(d) <= tolerance) {
			t.Fatalf("%s: %s differs by %g: %+v, want %+v", what, name, d, got, want)
		}
	}
}

func TestFitUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		es := drawStudies(t)
		o := Options{Method: rapid.SampledFrom(methods).Draw(t, "method"), KnappHartung: rapid.Bool().Draw(t, "kh")}
		fit, err := Fit(es, o)
		if err != nil {
			return // equal estimates and Knapp–Hartung
		}
		shift, scale := rapid.Float64Range(-5, 5).Draw(t, "shift"), math.Exp(rapid.Float64Range(-20, 20).Draw(t, "log scale"))
		var moved, scaled, turned []stats.Estimate
		for i, e := range es {
			moved = append(moved, stats.Estimate{Value: e.Value + shift, SE: e.SE})
			scaled = append(scaled, stats.Estimate{Value: e.Value * scale, SE: e.SE * scale})
			turned = append(turned, es[len(es)-1-i])
		}
		// τ² is a root that rounding of the data moves: 1e-7 of what it is uncertain by.
		back := assert.Must(Fit(moved, o))
		back.Mean, back.Prediction.Low = back.Mean-shift, back.Prediction.Low-shift
		same(t, "shifted", back, fit, 1e-7)
		back = assert.Must(Fit(scaled, o))
		back.Tau2, back.Mean, back.SE, back.Prediction.Low = back.Tau2/scale/scale, back.Mean/scale, back.SE/scale, back.Prediction.Low/scale
		same(t, "scaled", back, fit, 1e-7)
		same(t, "reversed", assert.Must(Fit(turned, o)), fit, 1e-7)
	})
}

// TestShrinkLiesBetween: an effect is pulled towards the mean, never past it, and
// what a study does not know it takes from the others.
func TestShrinkLiesBetween(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		es := drawStudies(t)
		fit := assert.Must(Fit(es, Options{Method: rapid.SampledFrom(methods).Draw(t, "method")}))
		for i, x := range assert.Must(fit.Shrink(es)) {
			low, high := min(es[i].Value, fit.Mean), max(es[i].Value, fit.Mean)
			if x.Estimate.Value < low-1e-12 || x.Estimate.Value > high+1e-12 {
				t.Fatalf("study %d at %g, mean %g: shrunken to %g", i, es[i].Value, fit.Mean, x.Estimate.Value)
			}
			if limit := math.Hypot(es[i].SE, fit.SE); x.Estimate.SE > limit {
				t.Fatalf("study %d: SE %g above %g", i, x.Estimate.SE, limit)
			}
		}
	})
}

func FuzzFit(f *testing.F) {
	f.Add(1.0, 1.0, 2.0, 1.0, 3.0, 0.5, 0.95, uint8(0), false)
	f.Add(1e40, 1e-20, -1e39, 1e-20, 0.0, 1e40, 0.5, uint8(8), true)
	f.Add(0.0, 1e-40, 0.0, 1e-40, 0.0, 1e-40, 1e-12, uint8(3), true)
	f.Add(5e-324, 1.0, 0.0, 1.0, 0.0, 1e30, 1-1e-16, uint8(4), true)
	f.Fuzz(func(t *testing.T, y1, s1, y2, s2, y3, s3, level float64, method uint8, kh bool) {
		es := []stats.Estimate{{Value: y1, SE: s1}, {Value: y2, SE: s2}, {Value: y3, SE: s3}}
		o := Options{Method: methods[int(method)%len(methods)], Level: level, KnappHartung: kh}
		for k := range es {
			fit, err := Fit(es[:k+1], o)
			assert.Answered[Result](t)(fit, err)
			if err != nil {
				continue
			}
			if fit.Tau2 < 0 || fit.P < 0 || fit.P > 1 || fit.I2 < 0 || fit.I2 > 1 || fit.Interval.Low > fit.Interval.High || fit.Prediction.High < fit.Interval.High {
				t.Fatalf("%+v", fit)
			}
			assert.Answered[[]Shrunken](t)(fit.Shrink(es))
		}
	})
}

// TestCoverage simulates what is exact: Knapp–Hartung for equal standard errors,
// the EE interval and the Q test without heterogeneity; and that the intervals
// that treat τ² as known come close with many studies.
func TestCoverage(t *testing.T) {
	assert.Long(t)
	rng := rand.New(rand.NewPCG(6, 1))
	const runs = 20000
	studies := func(k int, tau float64, se func(i int) float64) (es []stats.Estimate, truth []float64) {
		for i := range k {
			theta := 0.3 + tau*rng.NormFloat64()
			truth = append(truth, theta)
			es = append(es, stats.Estimate{Value: theta + se(i)*rng.NormFloat64(), SE: se(i)})
		}
		return es, truth
	}
	equal := func(int) float64 { return 1 }
	unequal := func(i int) float64 { return 0.2 + 0.1*float64(i%10) }
	var knapp, ee, q, mean, own, ownAll, future int
	for range runs {
		es, _ := studies(6, 0.7, equal)
		knapp += count(assert.Must(Fit(es, Options{KnappHartung: true})).Interval.Contains(0.3))
		es, _ = studies(8, 0, unequal)
		fit := assert.Must(Fit(es, Options{Method: EE}))
		ee += count(fit.Interval.Contains(0.3))
		q += count(fit.QP < 0.05)
	}
	for range runs / 10 {
		es, truth := studies(100, 0.5, unequal)
		fit := assert.Must(Fit(es, Options{}))
		mean += count(fit.Interval.Contains(0.3))
		future += count(fit.Prediction.Contains(0.3 + 0.5*rng.NormFloat64()))
		for i, x := range assert.Must(fit.Shrink(es[:5])) {
			own += count(x.Interval.Contains(truth[i]))
			ownAll++
		}
	}
	assert.Binomial(t, "Knapp–Hartung holds the mean", knapp, runs, 0.95)
	assert.Binomial(t, "EE holds the mean", ee, runs, 0.95)
	assert.Binomial(t, "Q rejects homogeneity", q, runs, 0.05)
	assert.AtLeast(t, "REML holds the mean", mean, runs/10, 0.94)
	assert.AtLeast(t, "prediction holds a new study", future, runs/10, 0.94)
	assert.AtLeast(t, "shrunken intervals hold the effects", own, ownAll, 0.94)
}

// TestTauErrors: the standard error of τ² is the spread of the estimates, where
// they are far from 0, and the moment and restricted estimators are unbiased.
func TestTauErrors(t *testing.T) {
	assert.Long(t)
	rng := rand.New(rand.NewPCG(6, 2))
	const runs, tau2 = 4000, 1.5
	for _, method := range []Method{DL, HE, PM, REML, ML} {
		sum, squares, ses := 0.0, 0.0, 0.0
		for range runs {
			var es []stats.Estimate
			for i := range 60 {
				se := 0.2 + 0.02*float64(i)
				es = append(es, stats.Estimate{Value: math.Hypot(math.Sqrt(tau2), se) * rng.NormFloat64(), SE: se})
			}
			fit := assert.Must(Fit(es, Options{Method: method}))
			sum, squares, ses = sum+fit.Tau2, squares+fit.Tau2*fit.Tau2, ses+fit.Tau2SE
		}
		mean := sum / runs
		spread := math.Sqrt(squares/runs - mean*mean)
		bias := 0.0
		if method == ML {
			bias = -(tau2 + 0.7) / 60 // the degree of freedom that the mean takes
		}
		assert.Near(t, string(method)+" bias", (mean-tau2-bias)/spread, 0, 5/math.Sqrt(runs)+0.02)
		assert.Near(t, string(method)+" standard error", ses/runs/spread, 1, 0.06)
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}
