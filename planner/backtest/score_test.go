package backtest

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/assay-planner/assay/planner/forecast"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

// TestCRPS integrates (F(x) − 1{x ≥ y})² by the trapezoid rule.
func TestCRPS(t *testing.T) {
	for _, m := range []bayes.Mixture{
		at(0, 1), at(0.3, 0.02),
		{Weights: []float64{0.5, 0.3, 0.4}, Components: []stats.Normal{{Mean: 0, SD: 0.2}, {Mean: 1, SD: 0.5}, {Mean: -0.5, SD: 2}}},
	} {
		for _, y := range []float64{-1, 0, 0.31, 2} {
			want := 0.0
			const step = 1e-4
			for x := -12.0; x < 12; x += step {
				f := m.CDF(x)
				if x >= y {
					f--
				}
				want += f * f * step
			}
			if got := crps(m, y); math.Abs(got-want) > 2e-4 {
				t.Errorf("crps of %v at %g: %.5f, by integration %.5f", m, y, got, want)
			}
		}
	}
}

// A point forecast's CRPS is its absolute error.
func TestCRPSOfAPoint(t *testing.T) {
	if got := crps(at(0.2, 0), -0.1); math.Abs(got-0.3) > 1e-15 {
		t.Error(got)
	}
}

// TestMeasuresByHand: two sets of three and two ideas, forecasts chosen so that every
// number can be had with a pencil.
func TestMeasuresByHand(t *testing.T) {
	idea := func(set, id string, y, se, rate float64) Case {
		return Case{Experiment: set, Rate: rate, Past: forecast.Past{Idea: forecast.Idea{Set: set, ID: id, Text: id}, Metric: "ctr", Effect: stats.Estimate{Value: y, SE: se}}}
	}
	var past []Case
	for _, set := range []string{"p", "q", "r"} {
		past = append(past, idea(set, set+"1", 0.1, 0.1, 1), idea(set, set+"2", -0.2, 0.1, 1))
	}
	block := []Case{
		idea("a", "a1", 0, 0.1, 1), idea("a", "a2", 0.1, 0.1, 2), idea("a", "a3", 1, 0.1, 3), // clear: a3 over both others
		idea("b", "b1", 0.5, 0.1, 4), idea("b", "b2", 0.5, 0.1, 2), // equal: no pair
	}
	forecasts := map[string]float64{"a1": 0.2, "a2": 0.1, "a3": 0.3, "b1": -1, "b2": 1}
	m := called{"by hand", func([]forecast.Past) func(forecast.Idea) bayes.Mixture {
		return func(i forecast.Idea) bayes.Mixture { return at(forecasts[i.ID], 0.3) }
	}}
	r := run(t, []Fold{{Name: "f", Past: past, Block: block}}, m)
	// Pairs of a: a1 over a2 is wrong, a3 over both is right.
	for _, c := range []struct {
		name string
		got  *Measure
		want float64
	}{
		{"pair accuracy", r.PairAccuracy, 2. / 3},
		{"clear pair accuracy", r.ClearPairAccuracy, 1},
		{"group Spearman", r.GroupSpearman, 0.5}, // ranks 2 1 3 against 1 2 3
		{"pick lift", r.PickLift, (3./2 - 1 + 2./3 - 1) / 2},
		// Less the sets' means y is −11/30, −8/30, 19/30 and 0, 0; f is 0, −0.1, 0.1 and −1, 1.
		{"weighted R²", r.WeightedR2, 1 - (402./900+2)/(546./900)},
	} {
		if math.Abs(c.got.Value-c.want) > 1e-12 {
			t.Errorf("%s: %g, want %g", c.name, c.got.Value, c.want)
		}
	}
	// Units are the differences of pairs, with variance 2·0.3² + 2·0.1² = 0.2:
	// errors (a1−a2) −0.2, (a1−a3) −0.9, (a2−a3) −0.7, (b1−b2) 2.
	sd, density := math.Sqrt(0.2), 0.0
	for _, e := range []float64{0.2, 0.9, 0.7, 2} {
		density += (-e*e/0.4 - math.Log(sd*math.Sqrt(2*math.Pi))) / 4
	}
	if math.Abs(r.LogPredictiveDensity.Value-density) > 1e-9 {
		t.Errorf("log density %g, want %g", r.LogPredictiveDensity.Value, density)
	}
	// |z| = 0.45, 2.01, 1.57, 4.47: within 0.674, 1.282, 1.645 and 1.960 lie 1, 1, 2 and 2 of 4.
	for i, got := range []*Measure{r.Coverage50, r.Coverage80, r.Coverage90, r.Coverage95} {
		if want := []float64{0.25, 0.25, 0.5, 0.5}[i]; got.Value != want {
			t.Errorf("coverage: %g, want %g", got.Value, want)
		}
	}
}

// TestCalibratedForecastsAreCalibrated: who forecasts from the very distribution that
// ideas are drawn from has nominal coverage and a slope of 1, and leads by density.
func TestCalibratedForecastsAreCalibrated(t *testing.T) {
	w := world{experiments: 1200, ideas: 3, sets: true, word: 0.2, rest: 0.25, se: 0.2}
	cases, truth := w.cases(5)
	mean := map[string]float64{}
	shift := func(id string) float64 { return math.Mod(1e4*math.Abs(truth[id]), 1) - 0.5 } // a cheap uniform draw
	for id, x := range truth {
		mean[id] = x + 0.866*shift(id) // SD 0.25
	}
	knows := func(name string, sd float64) Model {
		return called{name, func([]forecast.Past) func(forecast.Idea) bayes.Mixture {
			return func(i forecast.Idea) bayes.Mixture { return at(mean[i.ID], sd) }
		}}
	}
	r := run(t, half(t, cases), knows("honest", 0.25), knows("too sure", 0.05), knows("too shy", 1))
	if c := r.Coverage80.Value; math.Abs(c-0.8) > 0.03 {
		t.Errorf("80%% intervals hold %.3f", c)
	}
	for _, m := range r.Models[1:] {
		if !(m.Lead.LogPredictiveDensity.Low > 0) || !(m.Lead.CRPS.High < 0) {
			t.Errorf("the honest one does not lead over %s: %+v, %+v", m.Name, m.Lead.LogPredictiveDensity, m.Lead.CRPS)
		}
	}
	if low, high := r.Models[1].Coverage80.Value, r.Models[2].Coverage80.Value; low > 0.75 || high < 0.9 {
		t.Errorf("80%% intervals of the too sure hold %.3f, of the too shy %.3f", low, high)
	}
}

// The same folds give the same report, whatever order their cases come in; and it is
// JSON, with the measures of the chosen model at its top.
func TestReportIsDeterministic(t *testing.T) {
	cases, _ := headlines.cases(6)
	text := func(cases []Case) string {
		f := half(t, cases)
		f[0].Past, f[0].Block = sorted(f[0].Past), sorted(f[0].Block)
		out, err := json.Marshal(run(t, f, NormalPrior{}, Ridge{}))
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	first := text(cases)
	if diff := cmp.Diff(first, text(reversed(cases))); diff != "" {
		t.Error(diff)
	}
	var top struct {
		Model    string  `json:"model"`
		Accuracy Measure `json:"pair_accuracy"`
		Pick     Measure `json:"pick_lift"`
		Coverage Measure `json:"coverage_80"`
	}
	if err := json.Unmarshal([]byte(first), &top); err != nil || top.Model != "normal prior" || top.Accuracy.Value != 0.5 || top.Coverage.Level != 0.95 {
		t.Errorf("%+v, %v", top, err)
	}
}

// TestLevelForecasts: whether forecasts are equal is told by them, and not by how many
// pairs are ranked right: of one experiment a half may be.
func TestLevelForecasts(t *testing.T) {
	a := &arena{groups: []group{{members: []int{0, 1}}, {members: []int{2, 3}}}}
	for _, c := range []struct {
		mean []float64
		want bool
	}{{[]float64{1, 1, 2, 2}, true}, {[]float64{1, 1, 2, 3}, false}, {[]float64{2, 1, 1, 2}, false}} {
		if got := (&score{arena: a, belief: belief{mean: c.mean}}).level(); got != c.want {
			t.Errorf("%v: level %v", c.mean, got)
		}
	}
	cases, _ := headlines.cases(6)
	r := run(t, half(t, cases), NormalPrior{}, Ridge{})
	if !r.Models[0].Level || r.Models[1].Level {
		t.Errorf("the prior is level: %v, the ridge: %v", r.Models[0].Level, r.Models[1].Level)
	}
	for i, c := range r.Checks { // two of each model
		if said := strings.Contains(c.Detail, "all forecasts are equal"); said != (i < 2) || said == strings.Contains(c.Detail, "of pairs right") {
			t.Errorf("%+v", c)
		}
	}
}

func TestRunCanBeCancelled(t *testing.T) {
	cases, _ := headlines.cases(7)
	ctx, cancel := context.WithCancel(context.Background())
	stop := func(done, all int) {
		if done == 1 {
			cancel()
		}
	}
	if _, err := Run(ctx, half(t, cases), []Model{NormalPrior{}, Shrunk{}}, Options{Progress: stop}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Rank correlation with weights is that of rows written so many times.
func TestWeightsAreRepetitions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 12).Draw(t, "n")
		grade := rapid.Float64Range(-1, 1)
		if rapid.Bool().Draw(t, "ties") {
			grade = rapid.Custom(func(t *rapid.T) float64 { return float64(rapid.IntRange(0, 3).Draw(t, "grade")) })
		}
		var x, y, w, xs, ys []float64
		var cluster []int
		for i := range n {
			x, y, w = append(x, grade.Draw(t, "x")), append(y, grade.Draw(t, "y")), append(w, float64(rapid.IntRange(0, 3).Draw(t, "w")))
			cluster = append(cluster, i)
			for range int(w[i]) {
				xs, ys = append(xs, x[i]), append(ys, y[i])
			}
		}
		if len(xs) == 0 {
			return
		}
		one, zeros := []float64{1}, make([]int, len(xs))
		got, want := rankCorrelation(x, y, cluster)(w), rankCorrelation(xs, ys, zeros)(one)
		if math.Abs(got-want) > 1e-9 {
			t.Fatalf("%g by weights, %g by rows", got, want)
		}
	})
}

// The mean ranks are 2 3.5 3.5 5 6 1 and 3 1 4.5 4.5 6 2: sums of squares and products
// around 3.5 are 17, 17 and 12.25.
func TestRankCorrelation(t *testing.T) {
	got := rankCorrelation([]float64{1, 2, 2, 4, 7, 0}, []float64{3, 1, 4, 4, 9, 2}, []int{0, 0, 0, 0, 0, 0})([]float64{1})
	if diff := cmp.Diff(12.25/17, got, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Error(diff)
	}
}

// Picks are held against ICE scores and authors' forecasts, or a note says that there are none.
func TestPicksByICE(t *testing.T) {
	cases, truth := world{experiments: 60, ideas: 1, word: 0.01, rest: 0.01, se: 0.005}.cases(3)
	run := func() Report {
		r, err := Run(context.Background(), half(t, cases), []Model{NormalPrior{}}, Options{Replicates: 20})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if notes := strings.Join(run().Notes, "\n"); !strings.Contains(notes, "no ICE scores in this history") || !strings.Contains(notes, "no author's forecasts in this history") {
		t.Error(notes)
	}
	for i := range cases {
		cases[i].Claims = map[string]float64{"ice": 500 + 1e4*truth[cases[i].ID], "author": -truth[cases[i].ID]}
	}
	r := run()
	lifts := map[string]float64{}
	for _, p := range r.Picks {
		if p.Share == 0.2 {
			lifts[p.By] = p.Lift.Value
		}
	}
	if !(lifts["ICE"] > 0 && lifts["claim of author"] < 0 && lifts["oracle that saw the outcome"] >= lifts["ICE"]) || len(r.Notes) != 0 {
		t.Errorf("%v, %v", lifts, r.Notes)
	}
}
