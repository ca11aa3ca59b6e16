package backtest

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/assay-planner/assay/planner/forecast"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

// world draws experiments of which each tests a set of ideas, or one against control.
// An idea's true effect is what its words and its surface bring, and a rest.
type world struct {
	experiments, ideas int
	sets               bool
	word               float64 // SD of what a word brings
	rest, se           float64
}

var vocabulary = []string{"cats", "dogs", "owls", "news", "free", "why", "how", "now", "video", "watch", "love", "money"}

func (w world) cases(seed uint64) (cases []Case, truth map[string]float64) {
	rng := rand.New(rand.NewPCG(seed, 7))
	worth := map[string]float64{}
	for _, v := range vocabulary {
		worth[v] = w.word * rng.NormFloat64()
	}
	surfaces := map[string]float64{"feed": 0.3 * w.word, "search": -0.3 * w.word}
	truth = map[string]float64{}
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for e := range w.experiments {
		name := fmt.Sprintf("e%04d", e)
		level := rng.NormFloat64()
		surface := []string{"feed", "search"}[rng.IntN(2)]
		for i := range w.ideas {
			a, b := vocabulary[rng.IntN(len(vocabulary))], vocabulary[rng.IntN(len(vocabulary))]
			text := fmt.Sprintf("%s %s %d", a, b, i)
			effect := surfaces[surface] + worth[a] + w.rest*rng.NormFloat64()
			if b != a {
				effect += worth[b]
			}
			if w.sets {
				effect += level
			}
			se := w.se * math.Exp(0.4*rng.NormFloat64())
			c := Case{Experiment: name, Past: forecast.Past{Metric: "ctr", Effect: stats.Estimate{Value: effect + se*rng.NormFloat64(), SE: se},
				Started: begin.AddDate(0, 0, e), Ended: begin.AddDate(0, 0, e+3)}}
			c.Idea = forecast.Idea{ID: opaque(name, text), Text: text, Traits: map[string]string{"surface": surface, "source": "human"}}
			if w.sets {
				c.Set, c.Rate = name, 0.05*math.Exp(c.Effect.Value)
			}
			truth[c.ID] = effect
			cases = append(cases, c)
		}
	}
	return sorted(cases), truth
}

// share splits cases in half.
func half(t *testing.T, cases []Case) []Fold {
	t.Helper()
	f, err := Share(cases, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	return []Fold{f}
}

func run(t *testing.T, folds []Fold, models ...Model) Report {
	t.Helper()
	r, err := Run(context.Background(), folds, models, Options{Replicates: 200})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// called is a model made of a function.
type called struct {
	name string
	fit  func([]forecast.Past) func(forecast.Idea) bayes.Mixture
}

func (c called) Name() string { return c.name }
func (c called) Fit(_ context.Context, past []forecast.Past) (Forecaster, error) {
	return answering(c.fit(past)), nil
}

type answering func(forecast.Idea) bayes.Mixture

func (f answering) Forecast(i forecast.Idea) (bayes.Mixture, error) { return f(i), nil }

func at(mean, sd float64) bayes.Mixture { return bayes.Single(stats.Normal{Mean: mean, SD: sd}) }

func checkOf(t *testing.T, r Report, model string, k int) Check {
	t.Helper()
	var of []Check
	for _, c := range r.Checks {
		if c.Model == model {
			of = append(of, c)
		}
	}
	return of[k]
}

var outcomesOf = func(cases []Case) map[string]float64 {
	of := map[string]float64{}
	for _, c := range cases {
		of[c.ID] = c.Effect.Value
	}
	return of
}

func reversed[T any](s []T) []T {
	s = slices.Clone(s)
	slices.Reverse(s)
	return s
}
