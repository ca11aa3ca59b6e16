package planner

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/history"
)

// A score moves a forecast as far as past ones of the same name came true, and one that
// has no record not at all.
func TestScoresEarnTheirWeight(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	s := Snapshot{At: tonight, Policy: smallPolicy()}
	for i := range 200 {
		score := rng.NormFloat64()
		s.Effects = append(s.Effects, history.Effect{Experiment: fmt.Sprint(i), Arm: "b", Metric: "rpm", Surface: "feed", Source: "human", Ended: tonight.AddDate(0, 0, i-200),
			Claims: map[string]float64{"reviewer": 5 + 2*score}, Lift: 0.005*score + 0.002*rng.NormFloat64(), SE: 0.001, Usable: true})
	}
	m, err := fitModel(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	forecast := func(of Scores) Forecast {
		h := idea("a")
		h.Scores = of
		f, err := m.forecast(h)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	low, high := forecast(Scores{"reviewer": 4}), forecast(Scores{"reviewer": 6})
	if d := high.Mean - low.Mean; math.Abs(d-0.005) > 0.0015 {
		t.Errorf("scores of 4 and 6, half a percent apart in the past, give %+.4f and %+.4f", low.Mean, high.Mean)
	}
	if !strings.Contains(fmt.Sprint(high.Drivers), "reviewer") {
		t.Errorf("drivers do not name the score: %v", high.Drivers)
	}
	if d := cmp.Diff(high, forecast(Scores{"reviewer": 6, "newcomer": 900})); d != "" {
		t.Errorf("a score without a record moves the forecast (-without +with):\n%s", d)
	}
}

// On record is what a hypothesis said, all of it.
func TestScoresAreClaimsOfTheTarget(t *testing.T) {
	h := idea("a")
	h.Claim, h.ICE, h.Scores = &Claim{Mid: 0.02}, &ICE{2, 3, 4}, Scores{"gpt": 0.7}
	if d := cmp.Diff(map[string]float64{"author": 0.02, "ice": 24, "gpt": 0.7}, h.idea("rpm", false).Claims); d != "" {
		t.Error(d)
	}
	if h.claims()["ice"] = 0; len(h.Scores) != 1 || h.idea("hide_rate", false).Claims != nil {
		t.Errorf("%v", h.Scores)
	}
}

func TestScoresFromJSON(t *testing.T) {
	var h Hypothesis
	if err := json.Unmarshal([]byte(`{"scores": {"gpt": 0.7, "reviewer": null}}`), &h); err != nil || h.Scores.String() != "gpt 0.7" {
		t.Errorf("%v, %v", h.Scores, err)
	}
	if err := json.Unmarshal([]byte(`{"scores": {"gpt": "good"}}`), &h); err == nil || !strings.Contains(err.Error(), "scores.gpt") {
		t.Error(err)
	}
}
