package analysis

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/anytime"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/health"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/quantile"
	"github.com/assay-planner/assay/stats/sequential"
)

func mean(arm, metric string, n int, mean, variance float64) Row {
	return Row{Arm: arm, Metric: metric, Moments: effect.Moments{N: n, Means: []float64{mean}, Products: []float64{variance * float64(n-1)}}}
}

func rate(arm, metric string, n int, successes float64) Row {
	m, err := effect.MomentsFromSums(n, []float64{successes}, []float64{successes})
	if err != nil {
		panic(err)
	}
	return Row{Arm: arm, Metric: metric, Kind: Proportion, Moments: m}
}

func in(segment string, r Row) Row      { r.Segment = segment; return r }
func at(day float64, r Row) Row         { r.Day = day; return r }
func test(rows ...Row) Test             { return Test{Arms: two(), Rows: rows} }
func two() []Arm                        { return []Arm{{Name: "c", Control: true}, {Name: "t"}} }
func run(t *testing.T, x Test) Report   { t.Helper(); return runWith(t, x, Options{}) }
func first(r Report) Comparison         { return r.Comparisons[0] }
func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }

func runWith(t *testing.T, x Test, o Options) Report {
	t.Helper()
	r, err := Run(x, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(r); err != nil {
		t.Fatalf("the report has no JSON: %v", err)
	}
	return r
}

// Each kind of metric is compared by the method of the package that knows it.
func TestEachKindHasItsMethod(t *testing.T) {
	c := first(run(t, test(mean("c", "m", 1000, 10, 4), mean("t", "m", 1100, 10.2, 5))))
	want := assert.Must(effect.Compare(effect.Arm{N: 1100, Mean: 10.2, Variance: 5}, effect.Arm{N: 1000, Mean: 10, Variance: 4}, effect.Options{}))
	if c.Result.P != want.P || c.Result.Lift.Interval != want.Lift.Interval || !c.Established || !c.Better {
		t.Errorf("mean: got %+v, want %+v", c.Result, want)
	}
	c = first(run(t, test(rate("c", "m", 1000, 100), rate("t", "m", 1000, 131))))
	want = assert.Must(effect.CompareProportions(effect.Proportion{Successes: 131, N: 1000}, effect.Proportion{Successes: 100, N: 1000}, effect.Options{}))
	if c.Result.P != want.P || c.Result.Difference.Interval != want.Difference.Interval {
		t.Errorf("proportion: got %+v, want %+v", c.Result, want)
	}
	ratio := func(arm string, n int, y, d float64) Row {
		m := assert.Must(effect.MomentsFromSums(n, []float64{y, d}, []float64{2 * y, 1.5 * y, 3 * d}))
		return Row{Arm: arm, Metric: "m", Kind: Ratio, Moments: m}
	}
	c = first(run(t, test(ratio("c", 1000, 900, 2000), ratio("t", 1000, 950, 2000))))
	if !near(c.Result.Control.Mean, 0.45, 1e-12) || c.Result.DF != 0 {
		t.Errorf("ratio: %v users, mean %v, df %v", c.Result.Control.N, c.Result.Control.Mean, c.Result.DF)
	}
	near0 := first(run(t, test(mean("c", "m", 1000, 0.1, 4), mean("t", "m", 1000, 0.2, 4))))
	if near0.Result.Options.Lift != effect.Fieller {
		t.Errorf("a control mean 1.6 standard errors from 0 has the interval %s", near0.Result.Options.Lift)
	}
	if chosen := first(runWith(t, test(mean("c", "m", 1000, 0.1, 4), mean("t", "m", 1000, 0.2, 4)), Options{Lift: effect.Delta})); chosen.Result.Options.Lift != effect.Delta {
		t.Error("a method that was asked for was not taken")
	}
}

func TestCovariatesSaveVariance(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	arm := func(name string, lift float64) Row {
		var m effect.Moments
		for range 2000 {
			x := rng.NormFloat64()
			if err := m.Add(10+lift+x+0.5*rng.NormFloat64(), x, rng.NormFloat64()); err != nil {
				t.Fatal(err)
			}
		}
		return Row{Arm: name, Metric: "m", Moments: m}
	}
	x := test(arm("c", 0), arm("t", 0.1))
	for _, a := range []effect.Adjustment{effect.CUPED, effect.OLS, effect.Lin} {
		c := first(runWith(t, x, Options{Adjustment: a}))
		adjusted := assert.Must(effect.Adjust(x.Rows[1].Moments, x.Rows[0].Moments, a))
		want := assert.Must(adjusted.Compare(effect.Options{}))
		if c.Result.P != want.P || !near(c.Covariates.VarianceSaved, 0.8, 0.03) {
			t.Errorf("%s: p %v, want %v; saved %v", a, c.Result.P, want.P, c.Covariates.VarianceSaved)
		}
	}
	if c := first(runWith(t, x, Options{Adjustment: None})); c.Covariates != nil {
		t.Error("none adjusts")
	}
}

// All of a report survives JSON, infinite ends of one-sided bounds as null.
func TestReportsHaveJSON(t *testing.T) {
	var rows []Row
	for day := range 4 {
		rows = append(rows, at(float64(day+1), mean("c", "m", 500, 10, 16)), at(float64(day+1), mean("t", "m", 500, 10.5, 16)))
	}
	for _, sides := range []stats.Sides{stats.TwoSided, stats.Greater, stats.Less} {
		for _, plan := range []*Plan{nil, {Design: sequential.Design{Looks: 2}, Users: 4000}} {
			r := runWith(t, test(rows...), Options{Sides: sides, Plan: plan, Prior: bayes.StudentT{Scale: 0.02, DF: 3}})
			text := string(assert.Must(json.Marshal(r)))
			var read Report
			if err := json.Unmarshal([]byte(text), &read); err != nil {
				t.Fatal(err)
			}
			if again := string(assert.Must(json.Marshal(read))); again != text {
				t.Errorf("%s, plan %v: read again it is\n%s\nand was\n%s", sides, plan != nil, again, text)
			}
			if one := sides != stats.TwoSided; one != (strings.Contains(text, `"low":null`) || strings.Contains(text, `"high":null`)) {
				t.Errorf("%s: %s", sides, text)
			}
			if r.Family.Alpha != 0.05 || strings.Contains(text, "α = 0.050") {
				t.Errorf("α is %v in %s", r.Family.Alpha, text)
			}
			if strings.Contains(text, `"warnings":null`) || strings.Contains(text, `"warnings":[]`) {
				t.Errorf("no warnings are a key in %s", text)
			}
		}
	}
}

func TestQuantileAndCaps(t *testing.T) {
	sketch := func(arm string, counts ...float64) Row {
		return Row{Arm: arm, Metric: "ms", Sketch: quantile.Histogram{Edges: []float64{0, 100, 200, 300, 400}, Counts: counts,
			Sums: []float64{50 * counts[0], 150 * counts[1], 250 * counts[2], 350 * counts[3]}, Squares: []float64{3000 * counts[0], 23000 * counts[1], 63000 * counts[2], 123000 * counts[3]}}}
	}
	x := test(sketch("c", 4000, 3000, 2000, 1000), sketch("t", 4500, 3000, 1700, 800))
	x.Metrics = []Metric{{Name: "p90", Of: "ms", Quantile: 0.9, LowerIsBetter: true}, {Name: "capped", Of: "ms", Winsorise: [2]float64{0, 0.9}, LowerIsBetter: true}, {Name: "ms"}}
	r := run(t, x)
	want := assert.Must(quantile.Compare(quantile.Sample{Sketch: x.Rows[1].Sketch}, quantile.Sample{Sketch: x.Rows[0].Sketch}, 0.9, quantile.Options{}))
	if c := r.Comparisons[0]; !near(c.P, want.P, 1e-12) || !near(c.Result.Lift.Value, want.Relative.Value, 1e-12) || !c.Better {
		t.Errorf("quantile: p %v, want %v", c.P, want.P)
	}
	if c := r.Comparisons[2]; !near(c.Result.Control.Mean, 150, 1e-9) || r.Comparisons[1].Result.Control.Mean >= c.Result.Control.Mean {
		t.Errorf("mean %v, capped %v", c.Result.Control.Mean, r.Comparisons[1].Result.Control.Mean)
	}
	// What the sketch cannot tell is a warning of the comparison.
	coarse := test(sketch("c", 40000, 30000, 20000, 10000), sketch("t", 45000, 30000, 17000, 8000))
	coarse.Metrics = []Metric{{Name: "p95", Of: "ms", Quantile: 0.95}}
	if w := strings.Join(first(run(t, coarse)).Warnings, " "); !strings.Contains(w, "treatment: the resolution dominates") || !strings.Contains(w, "control: the resolution dominates") {
		t.Errorf("no warning of wide bins in %q", w)
	}
	if !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Name == "outliers" }) {
		t.Error("a histogram with sums was not checked for outliers")
	}
}

func TestHealthOfTheSplit(t *testing.T) {
	r := run(t, test(mean("c", "m", 10000, 10, 4), mean("t", "m", 11000, 10.3, 4)))
	if r.Status != health.Fail || !strings.Contains(first(r).Verdict, "not to be believed") {
		t.Errorf("%s: %s", r.Status, first(r).Verdict)
	}
	x := test(mean("c", "m", 10000, 10, 4), mean("t", "m", 11000, 10.3, 4))
	x.Arms[0].Weight, x.Arms[1].Weight = 10, 11
	if r := run(t, x); r.Status != health.OK || !near(r.Arms[1].Planned, 11.0/21, 1e-12) {
		t.Errorf("%s %+v", r.Status, r.Arms)
	}
}

// A comparison without an answer leaves the others theirs.
func TestNothingVaries(t *testing.T) {
	r := run(t, test(mean("c", "a", 100, 1, 0), mean("t", "a", 100, 1, 0), mean("c", "b", 100, 1, 1), mean("t", "b", 100, 1, 1), mean("c", "only", 100, 1, 1)))
	if r.Comparisons[0].Problem == "" || r.Comparisons[1].Result == nil || r.Comparisons[2].Problem == "" || r.Family.Size != 1 {
		t.Errorf("%+v", r.Comparisons)
	}
}

func TestBadInputNamesItsField(t *testing.T) {
	good := func() Test { return test(mean("c", "m", 100, 1, 1), mean("t", "m", 100, 1, 1)) }
	for field, spoil := range map[string]func(*Test, *Options){
		"Arms":                  func(x *Test, _ *Options) { x.Arms = x.Arms[:1] },
		"Arms[1].Name":          func(x *Test, _ *Options) { x.Arms[1].Name = "c" },
		"Arms[1].Weight":        func(x *Test, _ *Options) { x.Arms[1].Weight = -1 },
		"Rows":                  func(x *Test, _ *Options) { x.Rows = nil },
		"Rows[1].Arm":           func(x *Test, _ *Options) { x.Rows[1].Arm = "z" },
		"Rows[1].Day":           func(x *Test, _ *Options) { x.Rows[1].Day = 3 },
		"Rows[1].Kind":          func(x *Test, _ *Options) { x.Rows[1].Kind = Proportion },
		"Rows[1].Moments.N":     func(x *Test, _ *Options) { x.Rows[1].Moments.N = 0 },
		"Rows[1].Moments.Means": func(x *Test, _ *Options) { x.Rows[1].Moments.Means = nil },
		"Rows[0].Kind":          func(x *Test, _ *Options) { x.Rows[0].Kind, x.Rows[1].Kind = "x", "x" },
		"Days":                  func(x *Test, _ *Options) { x.Days = "monthly" },
		"Metrics[0].Of":         func(x *Test, _ *Options) { x.Metrics = []Metric{{Name: "q"}} },
		"Metrics[0].Quantile":   func(x *Test, _ *Options) { x.Metrics = []Metric{{Name: "m", Quantile: 1}} },
		"Metrics[0].Winsorise":  func(x *Test, _ *Options) { x.Metrics = []Metric{{Name: "m", Winsorise: [2]float64{0.9, 0.1}}} },
		"Options.Level":         func(_ *Test, o *Options) { o.Level = 95 },
		"Options.Sides":         func(_ *Test, o *Options) { o.Sides = "both" },
		"Options.Correction":    func(_ *Test, o *Options) { o.Correction = "x" },
		"Options.Adjustment":    func(_ *Test, o *Options) { o.Adjustment = "x" },
		"Options.Lift":          func(_ *Test, o *Options) { o.Lift = effect.Score },
		"Options.MDE":           func(_ *Test, o *Options) { o.MDE = -1 },
		"Options.Plan.Users":    func(_ *Test, o *Options) { o.Plan = &Plan{} },
		"Options.Plan.Users ":   func(_ *Test, o *Options) { o.Plan = &Plan{Users: 1} },
		"Options.Level ":        func(_ *Test, o *Options) { o.Level, o.Plan = 0.5, &Plan{Users: 100} },
		"Rows[1].Sketch":        func(x *Test, _ *Options) { x.Rows[1].Sketch = quantile.Histogram{} },
	} {
		x, o := good(), Options{}
		spoil(&x, &o)
		_, err := Run(x, o)
		assert.Field(t, err, strings.TrimSpace(field))
	}
}

// Under no effect, the family has a false positive in about 5% of tests, and the
// confidence sequence excludes 0 at any of 10 days in less. So has a family that a plan
// of five looks decides.
func TestErrorRates(t *testing.T) {
	assert.Long(t)
	rng := rand.New(rand.NewPCG(5, 6))
	const tests = 2000
	family, ever, planned := 0, 0, 0
	for range tests {
		var rows []Row
		for day := range 10 {
			for _, arm := range []string{"c", "t"} {
				for _, metric := range []string{"a", "b", "c"} {
					rows = append(rows, at(float64(day+1), mean(arm, metric, 200, 10+4*rng.NormFloat64()/math.Sqrt(200), 16)))
				}
			}
		}
		r := runWith(t, test(rows...), Options{})
		if slices.ContainsFunc(r.Comparisons, func(c Comparison) bool { return c.Established }) {
			family++
		}
		if first(r).Course.Monitor.Decision == anytime.Difference {
			ever++
		}
		looks := runWith(t, test(rows...), Options{Plan: &Plan{Design: sequential.Design{Looks: 5, Efficacy: sequential.PocockSpending()}, Users: 4000}})
		if slices.ContainsFunc(looks.Comparisons, func(c Comparison) bool { return c.Established }) {
			planned++
		}
	}
	assert.AtMost(t, "families with a false positive", family, tests, 0.05)
	assert.AtLeast(t, "families with a false positive", family, tests, 0.04)
	assert.AtMost(t, "sequences that exclude 0", ever, tests, 0.05)
	t.Logf("false positives: %d families, %d sequences, %d planned families of %d", family, ever, planned, tests)
	assert.AtMost(t, "planned families with a false positive", planned, tests, 0.05)
	assert.AtLeast(t, "planned families with a false positive", planned, tests, 0.03)
}

func FuzzRun(f *testing.F) {
	f.Add(100, 50, 1.0, 2.0, 3.0, 4.0, 0.5, 1.0, "", "x=1", byte(0))
	f.Add(2, 3, 0.0, 0.0, -1.0, 1.0, 0.02, 0.0, "s", "", byte(255))
	f.Fuzz(func(t *testing.T, n, m int, a, b, va, vb, margin, day float64, s1, s2 string, bits byte) {
		row := func(arm string, n int, mean, v float64, segment string, day float64) Row {
			r := Row{Arm: arm, Metric: "m", Segment: segment, Day: day, Moments: effect.Moments{N: n, Means: []float64{mean}, Products: []float64{v}}}
			if bits&1 != 0 {
				r.Moments = effect.Moments{N: n, Means: []float64{mean, a}, Products: []float64{v, 0, vb}}
			}
			if bits&2 != 0 {
				r.Kind = Ratio
			}
			if bits&4 != 0 {
				r.Kind = Proportion
			}
			return r
		}
		x := test(row("c", n, a, va, s1, day), row("t", m, b, vb, s1, day), row("c", m, b, va, s2, day+1), row("t", n, a, vb, s2, day+1))
		if bits&8 != 0 {
			x.Days = Cumulative
		}
		x.Metrics = []Metric{{Name: "m", Margin: margin, LowerIsBetter: bits&16 != 0}}
		o := Options{}
		if bits&32 != 0 {
			o.Prior = bayes.Single(stats.Normal{SD: 0.1})
		}
		if bits&64 != 0 {
			o.Plan = &Plan{Users: 100}
		}
		if bits&128 != 0 {
			o.Adjustment = effect.Lin
		}
		r, err := Run(x, o)
		if err != nil {
			if !errors.Is(err, stats.ErrInput) {
				t.Fatalf("not an input error: %v", err)
			}
			return
		}
		if _, err := json.Marshal(r); err != nil {
			t.Fatalf("the report has no JSON: %v", err)
		}
		for _, c := range r.Comparisons {
			if c.Verdict == "" || c.Result != nil && (math.IsNaN(c.P) || math.IsNaN(c.Result.Difference.SE)) {
				t.Fatalf("%+v", c)
			}
		}
	})
}
