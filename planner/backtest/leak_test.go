package backtest

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/planner/forecast"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

var headlines = world{experiments: 240, ideas: 4, sets: true, word: 0.15, rest: 0.2, se: 0.2}

// TestNothingOfTheBlockIsSeen turns every outcome from the cut on upside down: no
// forecast may change, by one bit. What models get holds nothing that ended later, and
// its slice has no room behind its end where more could lie.
func TestNothingOfTheBlockIsSeen(t *testing.T) {
	for name, w := range map[string]world{"sets": {experiments: 60, ideas: 3, sets: true, word: 0.15, rest: 0.2, se: 0.2},
		"controls": {experiments: 60, ideas: 2, word: 0.02, rest: 0.01, se: 0.01}} {
		t.Run(name, func(t *testing.T) {
			cases, _ := w.cases(1)
			folds, err := Walk(cases, 2)
			if err != nil {
				t.Fatal(err)
			}
			models := []Model{Learned{}, NormalPrior{}, Shrunk{}}
			if w.sets {
				models = append(models, Ridge{})
			}
			for k, fold := range folds {
				cut := fold.Block[0].Started
				later := slices.Clone(cases)
				for i := range later {
					if later[i].Ended.After(cut) {
						later[i].Effect.Value = 100 - 7*later[i].Effect.Value
					}
				}
				changed, err := Walk(later, 2)
				if err != nil {
					t.Fatal(err)
				}
				for _, past := range pastOf(fold, "ctr", false) {
					if past.Ended.After(cut) {
						t.Fatalf("%s ended %s, after the cut %s", past.ID, past.Ended, cut)
					}
				}
				if past := pastOf(fold, "ctr", false); cap(past) != len(past) {
					t.Errorf("a past of %d has room for %d", len(past), cap(past))
				}
				for _, m := range models {
					want, got := forecastsOf(t, fold, m), forecastsOf(t, changed[k], m)
					if diff := cmp.Diff(want, got); diff != "" {
						t.Fatalf("%s at %s: a forecast moved with outcomes after the cut: %s", m.Name(), fold.Name, diff)
					}
				}
			}
		})
	}
}

func forecastsOf(t *testing.T, f Fold, m Model) map[string]bayes.Mixture {
	t.Helper()
	a := newArena([]Fold{f})
	b, err := a.ask(t.Context(), m, false, func() {})
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]bayes.Mixture{}
	for i, x := range a.tested {
		of[x.ID] = b.effect[i]
	}
	return of
}

// TestPlantedLeaksAreCaught plants leaks of the future, each through another door, and
// wants the check that is there for it to speak.
func TestPlantedLeaksAreCaught(t *testing.T) {
	cases, truth := headlines.cases(2)
	outcome := outcomesOf(cases)
	// Somebody computed a field from the finished test and put it where the text is: the
	// models learn in the past what it means, as they would learn any word.
	inText := slices.Clone(cases)
	means := map[string]float64{}
	for _, c := range cases {
		means[c.Set] += c.Effect.Value / float64(headlines.ideas)
	}
	for i, c := range inText {
		for level := -4.0; level <= 4; level++ { // a score with steps of 0.1
			if c.Effect.Value-means[c.Set] > 0.1*level {
				inText[i].Text += " over" + string(rune('a'+int(level)+4))
			}
		}
	}
	peeker := called{"peeker", func([]forecast.Past) func(forecast.Idea) bayes.Mixture {
		return func(i forecast.Idea) bayes.Mixture { return at(outcome[i.ID], 0.1) }
	}}
	// Half of what it says is honest guessing; the rest it read in later rows.
	glancer := called{"glancer", func([]forecast.Past) func(forecast.Idea) bayes.Mixture {
		return func(i forecast.Idea) bayes.Mixture {
			noise := math.Sin(float64(len(i.Text)) + 1000*outcome[i.ID])
			return at(0.2*outcome[i.ID]+0.15*noise, 0.3)
		}
	}}
	for _, c := range []struct {
		name  string
		cases []Case
		model Model
		check int // 0: skill from the past alone, 1: no better than the truth
	}{
		{"a model that reads the outcome", cases, peeker, 0},
		{"the same is too good", cases, peeker, 1},
		{"a model that glances at later rows", cases, glancer, 0},
		{"a field made of the outcome", inText, Ridge{}, 1},
	} {
		r := run(t, half(t, c.cases), c.model)
		if got := checkOf(t, r, c.model.Name(), c.check); got.Passed {
			t.Errorf("%s was not caught: %+v", c.name, got)
		}
	}
	// One who knows the truth, and not the noise, is as good as possible and no leak of
	// the second kind.
	oracle := called{"oracle", func([]forecast.Past) func(forecast.Idea) bayes.Mixture {
		return func(i forecast.Idea) bayes.Mixture { return at(truth[i.ID], 0) }
	}}
	r := run(t, half(t, cases), oracle)
	if got := checkOf(t, r, "oracle", 1); !got.Passed {
		t.Errorf("who knows the truth is taken for a leak: %+v", got)
	}
	if d := r.PairAccuracy.Value - r.Ceiling.PairAccuracy; math.Abs(d) > 0.03 {
		t.Errorf("who knows the truth ranks %.3f of pairs right, the ceiling is %.3f", r.PairAccuracy.Value, r.Ceiling.PairAccuracy)
	}
	if d := r.ClearPairAccuracy.Value - r.Ceiling.ClearPairAccuracy; math.Abs(d) > 0.03 {
		t.Errorf("of clear pairs %.3f, the ceiling is %.3f", r.ClearPairAccuracy.Value, r.Ceiling.ClearPairAccuracy)
	}
}

// clean tells whether no check found that a model knows what it cannot.
func clean(r Report) bool {
	return !slices.ContainsFunc(r.Checks, func(c Check) bool { return !c.Passed })
}

// TestNoFalseAlarms: honest models on many worlds, with sets and with controls.
func TestNoFalseAlarms(t *testing.T) {
	for seed := range uint64(4) {
		for _, w := range []world{headlines, {experiments: 200, ideas: 2, word: 0.02, rest: 0.01, se: 0.01}} {
			w.experiments /= 2
			cases, _ := w.cases(10 + seed)
			models := []Model{NormalPrior{}, Shrunk{}}
			if w.sets {
				models = append(models, Ridge{})
			}
			if r := run(t, half(t, cases), models...); !clean(r) {
				t.Errorf("world %d: %+v", seed, r.Checks)
			}
		}
	}
}

// Where nothing can be told, nothing is: of a single experiment every draw is the same,
// and the logs of rates next to no events are no normal measurements.
func TestNoLeakIsSeenInNextToNothing(t *testing.T) {
	cases, _ := headlines.cases(5)
	outcome := outcomesOf(cases)
	lucky := called{"lucky", func([]forecast.Past) func(forecast.Idea) bayes.Mixture {
		return func(i forecast.Idea) bayes.Mixture { return at(outcome[i.ID], 1) }
	}}
	last := cases[len(cases)-1].Experiment
	var past, block []Case
	for _, c := range cases {
		if c.Experiment == last {
			block = append(block, c)
		} else {
			past = append(past, c)
		}
	}
	r := run(t, []Fold{{Name: "one", Past: past, Block: block}}, lucky)
	if got := checkOf(t, r, "lucky", 0); !got.Passed || got.Detail != fewExperiments {
		t.Errorf("of one experiment: %+v", got)
	}
	if !strings.HasPrefix(r.Notes[0], "experiments forecast: 1, too few") {
		t.Error(r.Notes)
	}
	for i := range cases { // one click or none of some thousand views
		cases[i].Effect = stats.Estimate{Value: math.Log(0.5 / float64(2000+i)), SE: math.Sqrt2}
	}
	if r := run(t, half(t, cases), NormalPrior{}); !clean(r) {
		t.Errorf("without clicks: %+v", r.Checks)
	}
}

// An experiment that a block tests is in no past: rows of one test in both files would
// tell of its others.
func TestExperimentsAreOnOneSide(t *testing.T) {
	cases, _ := headlines.cases(3)
	r := run(t, []Fold{{Name: "both", Past: cases, Block: cases[:len(cases)/2]}}, NormalPrior{})
	if f := r.Folds[0]; f.PastIdeas != len(cases)/2 || f.BlockIdeas != len(cases)/2 || len(r.Notes) == 0 || !strings.HasPrefix(r.Notes[0], "past effects left out") {
		t.Errorf("%+v, %v", f, r.Notes)
	}
}
