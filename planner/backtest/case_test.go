package backtest

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/history"
)

func day(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }

func arm(experiment, id, set, title string, views, clicks float64) history.Outcome {
	return history.Outcome{Experiment: experiment, Metric: "ctr", Arm: id, Set: set, Title: title, Source: "human",
		Started: day(1), Ended: day(8), N: views, Y: clicks, YY: clicks, D: views, DD: views, YD: clicks}
}

// Equal titles pool, whatever their entities and spaces; a set of one title says
// nothing; the effect is the log rate with half a click added.
func TestFromOutcomes(t *testing.T) {
	excluded, running := arm("x", "1", "s", "Owls", 10, 1), arm("y", "1", "s", "Owls", 10, 1)
	excluded.Excluded, running.Ended = "broken", time.Time{}
	cases, left := FromOutcomes([]history.Outcome{
		arm("a", "1", "s", "Cats &amp;  dogs", 1000, 30), arm("a", "2", "s", " Cats & dogs", 500, 12),
		arm("a", "3", "s", "Owls", 900, 20), arm("a", "4", "t", "Alone", 900, 20),
		arm("b", "1", "", "With a control", 900, 20), excluded, running,
	}, nil)
	if diff := cmp.Diff(Left{"alone in its set": 1, "excluded: broken": 1, "still running": 1}, left); diff != "" {
		t.Error(diff)
	}
	if len(cases) != 2 {
		t.Fatalf("%d cases: %+v", len(cases), cases)
	}
	texts := map[string]Case{}
	for _, c := range cases {
		texts[c.Text] = c
		if c.Set == "" || c.Set != cases[0].Set || c.ID == "" || c.Traits["source"] != "human" || c.Experiment != "a" {
			t.Errorf("%+v", c)
		}
	}
	c := texts["Cats & dogs"]
	if want := math.Log(42.5 / 1500.5); math.Abs(c.Effect.Value-want) > 1e-15 {
		t.Errorf("effect %g, want %g", c.Effect.Value, want)
	}
	if want := math.Sqrt(1/42.5 - 1/1500.5); math.Abs(c.Effect.SE-want) > 1e-15 || c.Rate != 42./1500 {
		t.Errorf("SE %g, want %g; rate %g", c.Effect.SE, want, c.Rate)
	}
}

// A name tells nothing of the arm's own id, which may hold the order of publication.
func TestNamesAreOpaque(t *testing.T) {
	first, _ := FromOutcomes([]history.Outcome{arm("a", "1", "s", "Cats", 9, 1), arm("a", "2", "s", "Owls", 9, 1)}, nil)
	second, _ := FromOutcomes([]history.Outcome{arm("a", "77", "s", "Owls", 9, 1), arm("a", "78", "s", "Cats", 9, 1)}, nil)
	for i := range first {
		if first[i].ID != second[i].ID || first[i].Text != second[i].Text {
			t.Errorf("the arm's id or order shows in %q or its place", first[i].ID)
		}
	}
}

// Any other metric: ln of the mean, with the delta method's SE. 100 users, Σy = 50,
// Σy² = 75: variance of one (75 − 25)/99, of the mean 0.0050505, SE 0.0710669/0.5.
func TestLogRateOfAMean(t *testing.T) {
	e, ok := logRate(history.Outcome{N: 100, Y: 50, YY: 75, D: 100, DD: 100, YD: 50}, false)
	if !ok || math.Abs(e.Value-math.Log(0.5)) > 1e-15 || math.Abs(e.SE-math.Sqrt(50./99/100)/0.5) > 1e-12 {
		t.Errorf("%+v, %t", e, ok)
	}
	for name, o := range map[string]history.Outcome{
		"no mean": {N: 100, Y: 0, YY: 75, D: 100, DD: 100}, "no variance": {N: 100, Y: 50, YY: math.NaN(), D: 100, DD: 100, YD: 50},
		"nobody": {}, "below 0": {N: 100, Y: -50, YY: 75, D: 100, DD: 100, YD: -50},
	} {
		if e, ok := logRate(o, false); ok {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestFromEffects(t *testing.T) {
	effect := history.Effect{Experiment: "e", Arm: "t", Metric: "latency", Title: "Fewer  calls", Surface: "feed", Lift: -0.02, SE: 0.01, Usable: true, Verdict: "usable"}
	poor, part := effect, effect
	poor.Usable, poor.Verdict, part.Segment = false, "too few users", "DE"
	cases, left := FromEffects([]history.Effect{effect, poor, part}, map[string]bool{"latency": true})
	if len(cases) != 1 || cases[0].Effect.Value != 0.02 || cases[0].Text != "Fewer calls" || cases[0].Set != "" {
		t.Errorf("%+v", cases)
	}
	if diff := cmp.Diff(Left{"too few users": 1}, left); diff != "" {
		t.Error(diff)
	}
}

// A split never goes through an experiment, and nothing of a past ends after its cut.
func TestFoldsKeepExperimentsWhole(t *testing.T) {
	cases, _ := world{experiments: 60, ideas: 3, sets: true, word: 0.1, rest: 0.1, se: 0.1}.cases(1)
	walk, err := Walk(cases, 4)
	if err != nil || len(walk) != 4 {
		t.Fatal(len(walk), err)
	}
	tested := map[string]int{}
	for k, f := range walk {
		cut := f.Block[0].Started
		for _, c := range f.Past {
			if c.Ended.After(cut) {
				t.Errorf("block %d: %s ended after the cut", k, c.Experiment)
			}
		}
		for _, c := range f.Block {
			tested[c.ID]++
		}
	}
	for id, n := range tested {
		if n != 1 {
			t.Errorf("%s is forecast %d times", id, n)
		}
	}
	if len(tested) != 3*40 {
		t.Errorf("%d ideas are forecast, 40 of 60 experiments have 120", len(tested))
	}
	dealt, err := Folds(cases, 7)
	if err != nil {
		t.Fatal(err)
	}
	share, err := Share(cases, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	cut, err := At(cases, day(31))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(dealt, share, cut) {
		past := map[string]bool{}
		for _, c := range f.Past {
			past[c.Experiment] = true
		}
		for _, c := range f.Block {
			if past[c.Experiment] {
				t.Errorf("%s: %s is on both sides", f.Name, c.Experiment)
			}
		}
	}
}

func TestWhatCannotBeSplit(t *testing.T) {
	cases, _ := headlines.cases(1)
	for i := range cases {
		cases[i].Started, cases[i].Ended = day(1), day(2)
	}
	if _, err := Walk(cases, 3); err == nil {
		t.Error("a history of one day was walked through")
	}
	if _, err := At(cases, day(1)); err == nil {
		t.Error("a past of nothing")
	}
	if _, err := At(cases, day(3)); err == nil {
		t.Error("a block of nothing")
	}
	if _, err := Run(t.Context(), []Fold{{Past: cases[:3], Block: cases[40:]}}, []Model{NormalPrior{}}, Options{}); err == nil {
		t.Error("three past effects were enough")
	}
}
