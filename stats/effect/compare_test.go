package effect

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"pgregory.net/rapid"
)

// Quantiles of Student's t from the incomplete beta function with 30 digits.
func TestCritical(t *testing.T) {
	for _, c := range []struct{ df, tail, want float64 }{
		{1.5, 0.025, 6.016663104427932}, {1.5, 0.0005, 82.84744670365761},
		{2, 0.025, 4.302652729749464}, {2, 0.0005, 31.59905457644362},
		{6.00115, 0.025, 2.446798192678753}, {6.00115, 0.0005, 5.958025496133865},
		{41.4, 0.025, 2.018948558857405}, {41.4, 0.0005, 3.541568579622791},
		{88.94, 0.025, 1.986997169455493}, {88.94, 0.0005, 3.403303815107038},
		{1000, 0.025, 1.962339080826408}, {1000, 0.0005, 3.300282648423913},
		{100000, 0.025, 1.95998770753461}, {100000, 0.0005, 3.290624031411883},
		// Near the end of Options.Level; by R 4's qt.
		{1000, 5.6e-17, 8.438049252061365}, {9999, 1.1e-16, 8.224711899995819},
		{0, 0.025, 1.959963984540054},
	} {
		assert.Near(t, fmt.Sprintf("t of %g df above %g", c.df, c.tail), reference{c.df}.critical(c.tail)/c.want, 1, 1e-11)
	}
}

// Tails of Student's t with as many degrees of freedom as a test may have, by R's pt.
func TestBelow(t *testing.T) {
	for _, c := range []struct{ df, x, want float64 }{
		{1e8, -1e-3, 0.4996010577870863}, {1e8, -3, 0.001349898364018747},
		{1e12, -1, 0.1586552539315782}, {1e12, -5, 2.866515719275118e-07},
	} {
		assert.Near(t, fmt.Sprintf("P(T < %g) with %g df", c.x, c.df), reference{c.df}.below(c.x)/c.want, 1, 1e-12)
	}
}

// The interval of the difference leaves out 0 exactly if the test is significant,
// and so does Fieller's of the lift: all are the same test, for every side.
func TestIntervalsAgreeWithTest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, c := drawArm(t, "treatment"), drawArm(t, "control")
		o := Options{Level: rapid.Float64Range(0.51, 0.999).Draw(t, "level"), Lift: Fieller,
			Sides:      rapid.SampledFrom([]stats.Sides{stats.TwoSided, stats.Greater, stats.Less}).Draw(t, "sides"),
			Difference: rapid.SampledFrom(ofMeans).Draw(t, "method")}
		r, err := Compare(a, c, o)
		if err != nil {
			t.Skip(err)
		}
		p := map[stats.Sides]float64{stats.TwoSided: r.P, stats.Greater: r.PGreater, stats.Less: r.PLess}[o.Sides]
		if math.Abs(p-(1-o.Level)) < 1e-6 {
			return // a tie but for rounding
		}
		if r.Difference.Interval.Contains(0) == r.Significant {
			t.Errorf("difference %+v, significant %v", r.Difference, r.Significant)
		}
		if r.Lift != nil && r.Lift.Interval.Contains(0) == r.Significant {
			t.Errorf("lift %+v, significant %v", *r.Lift, r.Significant)
		}
		if r.Lift != nil && !r.Lift.Interval.Contains(r.Lift.Value) {
			t.Errorf("Fieller's set %+v leaves out the estimate", *r.Lift)
		}
	})
}

func drawArm(t *rapid.T, name string) Arm {
	return Arm{N: rapid.IntRange(2, 10000).Draw(t, name+" n"), Mean: rapid.Float64Range(-3, 3).Draw(t, name+" mean"),
		Variance: rapid.Float64Range(0.01, 100).Draw(t, name+" variance")}
}

// Fieller's set is what a test of every ratio leaves, whatever its form and with a
// covariance of the means.
func TestFiellerIsInvertedTest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pair{treatment: Arm{Mean: rapid.Float64Range(-2, 2).Draw(t, "t")}, control: Arm{Mean: rapid.Float64Range(-2, 2).Draw(t, "c")},
			vt: rapid.Float64Range(0.01, 1).Draw(t, "vt"), vc: rapid.Float64Range(0.01, 1).Draw(t, "vc")}
		p.cov = rapid.Float64Range(-0.9, 0.9).Draw(t, "correlation") * math.Sqrt(p.vt*p.vc)
		sides := rapid.SampledFrom([]stats.Sides{stats.TwoSided, stats.Greater, stats.Less}).Draw(t, "sides")
		if p.control.Mean == 0 {
			return
		}
		const q = 1.7
		set := p.fieller(Options{Level: 0.9, Sides: sides}, q)
		for _, ratio := range []float64{-1e6, -30, -3, -1, -0.3, 0, 0.1, 0.5, 0.9, 1.1, 2, 7, 50, 1e6} {
			z := (p.treatment.Mean - ratio*p.control.Mean) / math.Sqrt(p.vt-2*ratio*p.cov+ratio*ratio*p.vc)
			kept := map[stats.Sides]bool{stats.TwoSided: math.Abs(z) <= q, stats.Greater: z <= q, stats.Less: z >= -q}[sides]
			if math.Abs(math.Abs(z)-q) > 1e-9 && set.Contains(ratio) != kept {
				t.Errorf("ratio %g has z = %.4f, set %+v (%s)", ratio, z, set, sides)
			}
		}
	})
}

// With a control mean k standard errors from 0, Fieller's three cases.
func TestFiellerForms(t *testing.T) {
	for _, c := range []struct {
		treatment, control float64
		want               Form
		warnings           string
	}{
		{10, 10, Bounded, ""},
		{10, 3, Bounded, ""},
		{10, 1, Outside, "no bounded interval"},
		{0.5, 1, All, "no bounded interval"},
	} {
		r := assert.Must(Compare(Arm{10000, c.treatment, 10000}, Arm{10000, c.control, 10000}, Options{Lift: Fieller}))
		if r.Lift.Interval.Form != c.want || !strings.Contains(strings.Join(r.Warnings, ";"), c.warnings) || c.warnings == "" && len(r.Warnings) > 0 {
			t.Errorf("means %g and %g: got %+v, warnings %q; want %s", c.treatment, c.control, r.Lift.Interval, r.Warnings, c.want)
		}
	}
	r := assert.Must(Compare(Arm{10000, 10, 10000}, Arm{10000, 3, 10000}, Options{}))
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "3.0 standard errors from 0") {
		t.Errorf("the delta method at 3 standard errors: warnings %q", r.Warnings)
	}
	// The ray between Bounded and Outside: the control mean exactly q errors from 0.
	p := pair{treatment: Arm{Mean: 3}, control: Arm{Mean: 2}, vt: 1, vc: 1}
	if set := p.fieller(Options{Level: 0.9, Sides: stats.TwoSided}, 2); set.Form != Above || math.Abs(set.Low-5.0/12) > 1e-15 {
		t.Errorf("got %+v, want all ratios above 5/12", set)
	}
	p.treatment.Mean = -3
	if set := p.fieller(Options{Level: 0.9, Sides: stats.TwoSided}, 2); set.Form != Below || math.Abs(set.High+5.0/12) > 1e-15 {
		t.Errorf("got %+v, want all ratios below -5/12", set)
	}
}

// Far from 0 the three intervals of the lift agree.
func TestLiftMethodsAgree(t *testing.T) {
	a, c := Arm{1_000_000, 10.1, 100}, Arm{1_000_000, 10, 100}
	for _, m := range ofLifts {
		for _, s := range []stats.Sides{stats.TwoSided, stats.Greater, stats.Less} {
			r := assert.Must(Compare(a, c, Options{Lift: m, Sides: s}))
			want := assert.Must(Compare(a, c, Options{Sides: s})).Lift.Interval
			if !(math.IsInf(want.Low, -1) && math.IsInf(r.Lift.Interval.Low, -1)) {
				assert.Near(t, string(m)+" low", r.Lift.Interval.Low, want.Low, 1e-5)
			}
			if !(math.IsInf(want.High, 1) && math.IsInf(r.Lift.Interval.High, 1)) {
				assert.Near(t, string(m)+" high", r.Lift.Interval.High, want.High, 1e-5)
			}
		}
	}
}

func TestCompareWithoutLift(t *testing.T) {
	r := assert.Must(Compare(Arm{1000, 1, 1}, Arm{1000, 0, 1}, Options{}))
	if r.Lift != nil || len(r.Warnings) != 1 {
		t.Errorf("got lift %+v and warnings %q", r.Lift, r.Warnings)
	}
	r = assert.Must(Compare(Arm{1000, 1, 1}, Arm{1000, -1, 1}, Options{Lift: LogRatio}))
	if r.Lift.Interval.Form != All || len(r.Warnings) != 1 {
		t.Errorf("got %+v and warnings %q", r.Lift, r.Warnings)
	}
	if r := assert.Must(Compare(Arm{10, 1, 1}, Arm{1000, 1, 1}, Options{})); len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "10 users") {
		t.Errorf("10 users: warnings %q", r.Warnings)
	}
}

// With a control mean below 0 a larger treatment is a smaller lift, and the bounds of
// both exclude "no effect" together.
func TestNegativeControl(t *testing.T) {
	for _, m := range ofLifts {
		r := assert.Must(Compare(Arm{10000, -1, 1}, Arm{10000, -1.1, 1}, Options{Lift: m, Sides: stats.Greater}))
		if r.Difference.Interval.Form != Above || r.Lift.Interval.Form != Below || r.Difference.Interval.Contains(0) || r.Lift.Interval.Contains(0) {
			t.Errorf("%s: difference %+v, lift %+v", m, r.Difference.Interval, r.Lift.Interval)
		}
	}
}

func TestCompareErrors(t *testing.T) {
	good := Arm{100, 1, 1}
	with := func(o Options) error { _, err := Compare(good, good, o); return err }
	for _, c := range []struct {
		err   error
		field string
	}{
		{with(Options{Level: 1}), "Level"},
		{with(Options{Level: math.NaN()}), "Level"},
		{with(Options{Level: 0.4, Sides: stats.Greater}), "Level"},
		{with(Options{Sides: "both"}), "Sides"},
		{with(Options{Difference: Newcombe}), "Difference"},
		{with(Options{Lift: Log}), "Lift"},
	} {
		assert.Field(t, c.err, c.field)
	}
	if _, err := Compare(good, Arm{100, 1, math.NaN()}, Options{}); err == nil {
		t.Error("NaN variance: no error")
	}
}

// A result survives JSON, infinite ends included.
func TestResultJSON(t *testing.T) {
	for _, o := range []Options{{}, {Sides: stats.Greater}, {Sides: stats.Less, Lift: Fieller}} {
		want := assert.Must(Compare(Arm{100, 1, 1}, Arm{200, 0.1, 3}, o))
		text := assert.Must(json.Marshal(want))
		var got Result
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if again := assert.Must(json.Marshal(got)); string(again) != string(text) || got.Difference != want.Difference || *got.Lift != *want.Lift {
			t.Errorf("%s became %s", text, again)
		}
	}
}

// The lift takes the variances that the test takes: pooled, s²/nₜ and s²/n_c.
func TestPooledLift(t *testing.T) {
	r := assert.Must(Compare(Arm{101, 3, 2}, Arm{401, 2, 7}, Options{Difference: PooledT}))
	s2 := (100*2.0 + 400*7) / 500
	assert.Near(t, "SE of the lift", r.Lift.SE, math.Sqrt(s2/101+2.25*s2/401)/2, 1e-14)
}

// A treatment mean that is always twice the control's has a lift without error,
// whatever the error of both.
func TestLiftOfCorrelatedMeans(t *testing.T) {
	p := pair{treatment: Arm{N: 1000, Mean: 20}, control: Arm{N: 1000, Mean: 10}, vt: 4, vc: 1, cov: 2, se: 1}
	for _, m := range ofLifts {
		r := assert.Must(p.answer(Options{Level: 0.95, Sides: stats.TwoSided, Difference: NormalZ, Lift: m}))
		assert.Near(t, string(m)+" SE", r.Lift.SE, 0, 1e-15)
		assert.Near(t, string(m)+" low", r.Lift.Interval.Low, 1, 1e-7)
		assert.Near(t, string(m)+" high", r.Lift.Interval.High, 1, 1e-7)
	}
}

// The control mean exactly q standard errors from 0: a ray, or, if the question has
// the other side, every ratio.
func TestFiellerRays(t *testing.T) {
	for _, treatment := range []float64{-4, 4} {
		for _, control := range []float64{-2, 2} {
			for _, sides := range []stats.Sides{stats.TwoSided, stats.Greater, stats.Less} {
				p := pair{treatment: Arm{Mean: treatment}, control: Arm{Mean: control}, vt: 1, vc: 1}
				set := p.fieller(Options{Level: 0.9, Sides: sides}, 2)
				for _, ratio := range []float64{-100, -2, -1, -0.5, 0, 0.5, 1, 2, 100} {
					z := (treatment - ratio*control) / math.Sqrt(1+ratio*ratio)
					kept := map[stats.Sides]bool{stats.TwoSided: math.Abs(z) <= 2, stats.Greater: z <= 2, stats.Less: z >= -2}[sides]
					if set.Contains(ratio) != kept {
						t.Errorf("means %g and %g, %s: ratio %g has z = %.3f, set %+v", treatment, control, sides, ratio, z, set)
					}
				}
			}
		}
	}
}

// Where the warnings begin: 100 users, a control mean 4 standard errors from 0, and
// 5 successes expected in an arm.
func TestWarningsBegin(t *testing.T) {
	for _, c := range []struct {
		users, warnings int
		mean            float64
	}{{100, 0, 0.41}, {100, 1, 0.39}, {99, 1, 0.41}} {
		a := Arm{c.users, c.mean, 1}
		if r := assert.Must(Compare(a, a, Options{})); len(r.Warnings) != c.warnings {
			t.Errorf("%d users of mean %g: %q", c.users, c.mean, r.Warnings)
		}
	}
	for successes, warnings := range map[int]int{9: 1, 10: 0} {
		r := assert.Must(CompareProportions(Proportion{5, 100}, Proportion{successes - 5, 100}, Options{}))
		if len(r.Warnings) != warnings {
			t.Errorf("%d successes: %q", successes, r.Warnings)
		}
	}
}
