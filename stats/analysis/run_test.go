package analysis

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/anytime"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/health"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/multiple"
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

func TestFamilyIsAllButGuardrails(t *testing.T) {
	x := Test{Arms: append(two(), Arm{Name: "u"}), Metrics: []Metric{{Name: "slow", LowerIsBetter: true, Margin: 0.1}}}
	for _, metric := range []string{"a", "b", "slow"} {
		x.Rows = append(x.Rows, mean("c", metric, 1000, 10, 4), mean("t", metric, 1000, 10.2, 4), mean("u", metric, 1000, 10.1, 4))
	}
	r := run(t, x)
	var p []float64
	for _, c := range r.Comparisons {
		if c.Metric != "slow" {
			p = append(p, c.P)
		}
	}
	want := assert.Must(multiple.Adjust(p, multiple.Holm))
	if r.Family.Size != 4 || r.Comparisons[0].Metric != "slow" {
		t.Fatalf("family of %d, first %s", r.Family.Size, r.Comparisons[0].Metric)
	}
	for i, c := range r.Comparisons[2:] {
		if *c.AdjustedP != want[i] {
			t.Errorf("%s %s: adjusted %v, want %v", c.Metric, c.Treatment, *c.AdjustedP, want[i])
		}
	}
	if g := r.Comparisons[0]; g.AdjustedP != nil || !g.Guardrail.Holds || !g.Established || g.Better {
		t.Errorf("guardrail: %+v", g)
	}
	if none := runWith(t, x, Options{Correction: Uncorrected}); *none.Comparisons[2].AdjustedP != none.Comparisons[2].P {
		t.Error("none corrects")
	}
}

// A guardrail holds exactly where Fieller's interval, whose test it inverts, lies on the
// good side of the margin.
func TestGuardrailAgreesWithFieller(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	held := 0
	for range 400 {
		lower := rng.IntN(2) == 0
		x := test(mean("c", "m", 50+rng.IntN(500), 10, 40), mean("t", "m", 50+rng.IntN(500), 10+2*(rng.Float64()-0.5), 40))
		x.Metrics = []Metric{{Name: "m", Margin: 0.01 + 0.2*rng.Float64(), LowerIsBetter: lower}}
		c := first(runWith(t, x, Options{Lift: effect.Fieller}))
		good := c.Result.Lift.Interval.Low > -c.Guardrail.Margin
		if lower {
			good = c.Result.Lift.Interval.High < c.Guardrail.Margin
		}
		// Degrees of freedom are those of the difference in both.
		if good != c.Guardrail.Holds && math.Abs(c.Guardrail.P-0.025) > 1e-6 {
			t.Errorf("interval %+v, guardrail %+v", c.Result.Lift.Interval, c.Guardrail)
		}
		if c.Guardrail.Holds {
			held++
		}
	}
	if held < 50 || held > 350 {
		t.Errorf("%d of 400 held: the test says little", held)
	}
}

// Days of disjoint users add up to the same as no days, in any order; of snapshots
// the last counts.
func TestDaysAddUp(t *testing.T) {
	const variance = 3 * 999 * 4 / 2999.0 // of three days of 1,000 users with 4 each
	whole := run(t, test(mean("c", "m", 3000, 10, variance), mean("t", "m", 3000, 10.3, variance)))
	var rows []Row
	for day := range 3 {
		rows = append(rows, at(float64(day+1), mean("c", "m", 1000, 10, 4)), at(float64(day+1), mean("t", "m", 1000, 10.3, 4)))
	}
	daily := run(t, test(rows...))
	if a, b := first(whole).Result, first(daily).Result; a.Treatment.N != b.Treatment.N || !near(a.Lift.Value, b.Lift.Value, 1e-12) || !near(a.P, b.P, 1e-9*a.P) {
		t.Errorf("whole %+v, daily %+v", a, b)
	}
	slices.Reverse(rows)
	if back := run(t, test(rows...)); !near(first(back).Result.P, first(daily).Result.P, 1e-20) {
		t.Error("the order of rows changes the answer")
	}
	last := test(at(1, mean("c", "m", 1000, 9, 4)), at(1, mean("t", "m", 1000, 12, 4)), at(7, mean("c", "m", 3000, 10, variance)), at(7, mean("t", "m", 3000, 10.3, variance)))
	last.Days = Cumulative
	if c := first(run(t, last)); !reflect.DeepEqual(c.Result, first(whole).Result) || len(c.Course.Monitor.Steps) != 2 || c.Course.Day[1] != 7 {
		t.Errorf("cumulative: %+v", c.Result)
	}
}

func TestSegments(t *testing.T) {
	x := test(in("os=ios", mean("c", "m", 1000, 10, 4)), in("os=ios", mean("t", "m", 1000, 11, 4)),
		in("os=web", mean("c", "m", 2000, 5, 4)), in("os=web", mean("t", "m", 2000, 5, 4)),
		in("land=de", mean("c", "m", 3000, 6.7, 9)), in("land=de", mean("t", "m", 3000, 7, 9)))
	r := run(t, x)
	c := first(r)
	if len(c.Segments) != 1 || c.Segments[0].Dimension != "os" || c.Segments[0].Lift.P > 1e-6 {
		t.Fatalf("segments: %+v", c.Segments)
	}
	if c.Result.Control.N != 3000 || !near(c.Result.Control.Mean, 20000.0/3000, 1e-12) {
		t.Errorf("everybody: %+v", c.Result.Control)
	}
	// Overlapping segments beside the whole are told.
	whole := run(t, test(mean("c", "m", 3000, 6.7, 9), mean("t", "m", 3000, 7, 9), in("a", mean("c", "m", 2000, 6, 9)), in("a", mean("t", "m", 2000, 6, 9)),
		in("b", mean("c", "m", 2000, 6, 9)), in("b", mean("t", "m", 2000, 6, 9))))
	if !slices.ContainsFunc(first(whole).Warnings, func(w string) bool { return strings.Contains(w, "overlap") }) {
		t.Errorf("no warning of overlap in %q", first(whole).Warnings)
	}
	// Simpson: within segments the treatment wins, together it loses.
	simpson := run(t, test(in("a", mean("c", "m", 9000, 10, 1)), in("b", mean("c", "m", 1000, 2, 1)), in("a", mean("t", "m", 1000, 10.5, 1)), in("b", mean("t", "m", 9000, 2.5, 1))))
	if w := strings.Join(first(simpson).Warnings, " "); !strings.Contains(w, "Simpson") && !strings.Contains(w, "mix") {
		t.Errorf("no warning of Simpson's paradox in %q", w)
	}
	if simpson.Status != health.OK {
		t.Logf("status %s", simpson.Status)
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

// Where rows of segments have covariates each segment is adjusted by itself; where
// one is too small for it, it stays as it is and says so.
func TestSegmentsAreAdjusted(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	users := func(arm, segment string, n int, lift float64) Row {
		var m effect.Moments
		for range n {
			x := rng.NormFloat64()
			if err := m.Add(10+lift+2*x+rng.NormFloat64(), x, rng.NormFloat64()); err != nil {
				t.Fatal(err)
			}
		}
		return in(segment, Row{Arm: arm, Metric: "m", Moments: m})
	}
	x := test(users("c", "os=ios", 900, 0), users("t", "os=ios", 1000, 0.1), users("c", "os=web", 500, 0), users("t", "os=web", 500, 0.3),
		users("c", "os=tv", 2, 0), users("t", "os=tv", 2, 0),
		in("land=de", mean("c", "m", 1402, 10, 5)), in("land=de", mean("t", "m", 1000, 10, 5)), in("land=fr", mean("c", "m", 1000, 10, 5)), in("land=fr", mean("t", "m", 500, 10, 5)))
	for _, a := range []effect.Adjustment{effect.CUPED, effect.Lin, effect.OLS} {
		c := first(runWith(t, x, Options{Adjustment: a}))
		s := c.Segments[0]
		how := a
		if a == effect.OLS {
			how = effect.CUPED
		}
		if s.Adjustment != how || !slices.Contains(s.Adjusted, "os=ios") || !slices.Contains(s.Adjusted, "os=web") {
			t.Fatalf("%s: %v by %s", a, s.Adjusted, s.Adjustment)
		}
		adjusted := assert.Must(effect.Adjust(x.Rows[1].Moments, x.Rows[0].Moments, how))
		want := assert.Must(adjusted.Compare(effect.Options{}))
		if got := s.Segments.Segments[0]; !near(got.Lift.Value, want.Lift.Value, 1e-12) || !near(got.Lift.SE, want.Lift.SE, 1e-12) || !near(got.P, want.P, 0.01*want.P) {
			t.Errorf("%s: %+v, want %+v", a, got.Result, want)
		}
		if by := c.Segments[1]; by.Adjusted != nil || by.Adjustment != "" {
			t.Errorf("segments without covariates are adjusted: %v", by.Adjusted)
		}
	}
	lin := first(runWith(t, x, Options{Adjustment: effect.Lin}))
	if len(lin.Segments[0].Segments.Segments) != 3 || slices.Contains(lin.Segments[0].Adjusted, "os=tv") || !strings.Contains(strings.Join(lin.Warnings, "\n"), "os=tv is not adjusted for covariates") {
		t.Errorf("two users an arm: %v, %q", lin.Segments[0].Adjusted, lin.Warnings)
	}
	if none := first(runWith(t, x, Options{Adjustment: None})); none.Segments[0].Adjusted != nil {
		t.Error("none adjusts segments")
	}
	x.Rows[1].Moments = mean("t", "m", 1000, 10, 4).Moments
	_, err := Run(x, Options{})
	assert.Field(t, err, "Rows[1].Moments.Means")
}

func TestPosteriorAndLoss(t *testing.T) {
	prior := bayes.Single(stats.Normal{SD: 0.02})
	x := Test{Arms: append(two(), Arm{Name: "u"}), Rows: []Row{mean("c", "m", 5000, 10, 16), mean("t", "m", 5000, 10.2, 16), mean("u", "m", 5000, 10.1, 16)}}
	r := runWith(t, x, Options{Prior: prior})
	b, l := first(r).Posterior, first(r).Result.Lift
	post := stats.Normal{SD: 0.02}.Posterior(l.Value, l.SE)
	if !near(b.Mean, post.Mean, 1e-12) || !near(b.ProbPositive, post.ProbAbove(0), 1e-12) || !near(b.LossControl-b.Loss, post.Mean, 1e-12) || b.Loss < 0 {
		t.Errorf("posterior %+v, want %+v", b, post)
	}
	total := 0.0
	for _, a := range r.Best[0].Arms {
		total += a.ProbBest
	}
	if !near(total, 1, 1e-6) || r.Best[0].Arms[1].ProbBest < r.Best[0].Arms[2].ProbBest {
		t.Errorf("best: %+v", r.Best)
	}
	x.Metrics = []Metric{{Name: "m", LowerIsBetter: true}}
	if low := first(runWith(t, x, Options{Prior: prior})).Posterior; !near(low.ProbBetter, 1-b.ProbPositive, 1e-12) || low.Loss != b.LossControl {
		t.Errorf("lower is better: %+v", low)
	}
	// The best arm is then the one with the least lift: the control here.
	if best := runWith(t, x, Options{Prior: prior}).Best; len(best) != 1 || best[0].Arms[0].ProbBest < best[0].Arms[2].ProbBest || best[0].Arms[2].ProbBest < best[0].Arms[1].ProbBest {
		t.Errorf("best of lower: %+v", best)
	}
	// A cost of −10 that rises to −9.8 is better, though its lift is −2%.
	below := test(mean("c", "m", 5000, -10, 16), mean("t", "m", 5000, -9.8, 16))
	if c := first(runWith(t, below, Options{Prior: prior})); !c.Better || c.Posterior.ProbBetter < 0.9 || c.Posterior.Loss > c.Posterior.LossControl {
		t.Errorf("below 0: better %v, %+v", c.Better, c.Posterior)
	}
}

// Days that exclude each other are told in the verdict and among the warnings.
func TestDaysThatContradictEachOther(t *testing.T) {
	x := test(at(1, mean("c", "m", 5000, 10, 4)), at(1, mean("t", "m", 5000, 12, 4)), at(2, mean("c", "m", 90000, 10, 4)), at(2, mean("t", "m", 90000, 10, 4)))
	c := first(run(t, x))
	if !strings.Contains(c.Verdict, "day 2 contradicts the days before it") || !strings.Contains(strings.Join(c.Warnings, " "), "the effect changed with time") {
		t.Errorf("%s\n%q", c.Verdict, c.Warnings)
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

func TestLooksOfAPlan(t *testing.T) {
	var rows []Row
	for day := range 4 {
		rows = append(rows, at(float64(day+1), mean("c", "m", 500, 10, 16)), at(float64(day+1), mean("t", "m", 500, 10.5, 16)))
	}
	plan := &Plan{Design: sequential.Design{Looks: 2}, Users: 4000}
	c := first(runWith(t, test(rows...), Options{Plan: plan}))
	if len(c.Sequential.Looks) != 2 || c.Sequential.Looks[0].Day != 2 || c.Sequential.Verdict.Direction != 1 || c.Course != nil {
		t.Fatalf("%+v", c.Sequential)
	}
	if f := c.Sequential.Inference; !(f.Interval.Low > 0) || f.MedianUnbiased > 0.0501 {
		t.Errorf("%+v", f)
	}
	for _, sides := range []stats.Sides{stats.Greater, stats.Less} {
		for i := range rows {
			if rows[i].Arm == "t" {
				rows[i].Moments.Means[0] = 20 - rows[i].Moments.Means[0]
			}
		}
		c := first(runWith(t, test(rows...), Options{Plan: plan, Sides: sides}))
		stops := c.Sequential.Verdict.Direction != 0
		if stops { // first the treatment is worse, then better
			t.Errorf("%s rejects on the wrong side: %s", sides, c.Verdict)
		}
	}
	early := first(runWith(t, test(rows...), Options{Plan: &Plan{Users: 1e6}}))
	if early.Sequential.Verdict != nil || !strings.Contains(early.Verdict, "no look yet") {
		t.Error(early.Verdict)
	}
}

// Under a plan its looks decide, with the p-value of the look that stopped: at an
// early one 0.01 is not enough, and what goes on establishes nothing.
func TestAPlanDecides(t *testing.T) {
	x := test(at(1, mean("c", "m", 500, 10, 16)), at(1, mean("t", "m", 500, 10.6, 16)))
	r := runWith(t, x, Options{Plan: &Plan{Design: sequential.Design{Looks: 2}, Users: 2000}})
	if c := first(r); c.P > 0.03 || c.Established || c.AdjustedP != nil || r.Family.Size != 1 || strings.Contains(c.Verdict, "established") || !strings.Contains(c.Verdict, "go on") {
		t.Errorf("at the first of two looks: p %v, adjusted %v: %s", c.P, c.AdjustedP, c.Verdict)
	}
	x.Rows = append(x.Rows, at(2, mean("c", "m", 500, 10, 16)), at(2, mean("t", "m", 500, 10.6, 16)),
		at(1, mean("c", "n", 1000, 10, 16)), at(1, mean("t", "n", 1000, 10, 16)))
	c := first(runWith(t, x, Options{Plan: &Plan{Design: sequential.Design{Looks: 2}, Users: 2000}}))
	if !c.Established || *c.AdjustedP != 2*c.Sequential.Inference.PValue || !strings.HasSuffix(c.Verdict, "established, better") {
		t.Errorf("at the last look: adjusted %v, p of the looks %v: %s", *c.AdjustedP, c.Sequential.Inference.PValue, c.Verdict)
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
		"Rows[1].Sketch":        func(x *Test, _ *Options) { x.Rows[1].Sketch = quantile.Histogram{} },
	} {
		x, o := good(), Options{}
		spoil(&x, &o)
		_, err := Run(x, o)
		assert.Field(t, err, field)
	}
}

// Under no effect, the family has a false positive in about 5% of tests, and the
// confidence sequence excludes 0 at any of 10 days in less.
func TestErrorRates(t *testing.T) {
	assert.Long(t)
	rng := rand.New(rand.NewPCG(5, 6))
	const tests = 2000
	family, ever := 0, 0
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
	}
	assert.AtMost(t, "families with a false positive", family, tests, 0.05)
	assert.AtLeast(t, "families with a false positive", family, tests, 0.04)
	assert.AtMost(t, "sequences that exclude 0", ever, tests, 0.05)
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
