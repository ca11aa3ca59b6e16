package planner

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/stats"
)

func TestPastEffects(t *testing.T) {
	effects := []history.Effect{
		{Metric: "hide_rate", Surface: "feed", Source: "human", Lift: 0.02, SE: 0.01, Usable: true},
		{Metric: "hide_rate", Surface: "feed", Source: "human", Lift: -0.03, SE: 0.01, Usable: true},
		{Metric: "hide_rate", Surface: "feed", Lift: 0.01, SE: 0.02, Usable: true},
		{Metric: "hide_rate", Surface: "feed", Source: "ai", Lift: 9, SE: 0.01}, // screened
		{Metric: "hide_rate", Surface: "feed", Source: "ai", Segment: "us", Lift: 9, SE: 0.01, Usable: true},
		{Metric: "hide_rate", Surface: "feed", Source: "ai", Lift: 9, Usable: true}, // without a standard error
		{Metric: "rpm", Surface: "feed", Source: "ai", Lift: 9, SE: 0.01, Usable: true},
	}
	// Less is better: a fall of 3% counts as +3%.
	m := Metric{Name: "hide_rate", Down: true}
	var got []stats.Estimate
	for _, p := range (tested{}).past(effects, m, false) {
		got = append(got, p.Effect)
	}
	want := []stats.Estimate{{Value: -0.02, SE: 0.01}, {Value: 0.03, SE: 0.01}, {Value: -0.01, SE: 0.02}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// A group with many effects is forecast from itself; a surface and source
// without any from all of them. The forecast in a stored plan is the same.
func TestForecastPools(t *testing.T) {
	var effects []history.Effect
	for i := range 200 {
		sign := float64(i%2*2 - 1)
		effects = append(effects,
			history.Effect{Metric: "rpm", Surface: "feed", Source: "human", Lift: 0.004 + sign*0.002, SE: 0.0005, Usable: true},
			history.Effect{Metric: "rpm", Surface: "search", Source: "human", Lift: -0.004 + sign*0.002, SE: 0.0005, Usable: true})
	}
	m, err := fitModel(context.Background(), Snapshot{At: tonight, Policy: smallPolicy(), Effects: effects})
	if err != nil {
		t.Fatal(err)
	}
	feed, err := m.forecast(idea("a"))
	if err != nil {
		t.Fatal(err)
	}
	fresh := idea("b")
	fresh.Source, fresh.Generator = AI, "lattice"
	ai, err := m.forecast(fresh)
	if err != nil {
		t.Fatal(err)
	}
	if !(feed.Mean > 0.003 && feed.Mean < 0.0045) || feed.Group != "feed/human" || feed.Evidence < 50 {
		t.Errorf("feed: %+v", feed)
	}
	if !(ai.SD > 2*feed.SD) || ai.Group != "feed/ai" || ai.Evidence >= feed.Evidence {
		t.Errorf("a source without a past: %+v", ai)
	}
	old, err := m.TwoLevel().forecast(fresh)
	if err != nil || !(old.Mean > -0.003 && old.Mean < 0.003 && old.SD > feed.SD) || old.Evidence >= feed.Evidence {
		t.Errorf("by surface and source alone: %+v, %v", old, err)
	}
	if !(feed.Low < feed.Mean && feed.Mean < feed.High && feed.ProbPositive > 0.9) {
		t.Errorf("quantiles: %+v", feed)
	}
	again, err := Plan{Priors: m.Priors, Noise: m.Noise}.model(smallPolicy()).forecast(idea("a"))
	if d := cmp.Diff(feed, again); err != nil || d != "" {
		t.Errorf("from the plan, %v (-want +got):\n%s", err, d)
	}
}

// Few effects that tell neither surface nor source are those of ideas like the hypothesis,
// not of a group that it is not in.
func TestForecastOfATraitNobodyTold(t *testing.T) {
	for _, c := range []struct {
		surface, source, group string
	}{{"", "", "/unknown"}, {"feed", "", "feed/unknown"}, {"", "human", "/human"}, {"feed", "human", "feed/human"}, {"search", "ai", "feed/human"}} {
		var effects []history.Effect
		for i := range 20 {
			effects = append(effects, history.Effect{Metric: "rpm", Surface: c.surface, Source: c.source, Lift: 0.01 * float64(i%2*2-1), SE: 0.001, Usable: true})
		}
		m, err := fitModel(context.Background(), Snapshot{At: tonight, Policy: smallPolicy(), Effects: effects})
		if err != nil {
			t.Fatal(err)
		}
		f, err := m.forecast(idea("a"))
		if known := c.surface != "search"; err != nil || f.Group != c.group || known != (f.Effects == 20) || known != (f.SD < 0.011) {
			t.Errorf("%+v: %+v, %v", c, f, err)
		}
	}
}

func TestRelativeSD(t *testing.T) {
	m := Model{Noise: []Noise{{"feed", "rpm", 2, 9}, {"search", "rpm", 3, 9}, {"video", "rpm", 7, 9}, {"feed", "ctr", 1, 9}}}
	for _, tc := range []struct {
		surface, metric string
		want            float64
	}{
		{"feed", "rpm", 2},    // as measured there
		{"stories", "rpm", 3}, // the median of 2, 3, 7
		{"video", "ctr", 1},
	} {
		got, err := m.relativeSD(Hypothesis{Surface: tc.surface, Metric: tc.metric})
		if err != nil || got != tc.want {
			t.Errorf("%s on %s: %g, %v; want %g", tc.metric, tc.surface, got, err, tc.want)
		}
	}
}

// Imported claims earn the author's own forecast its weight in plans, as those of
// hypotheses do; on a metric without worth they are not learned from.
func TestImportedClaimsAreBelieved(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	var effects []history.Effect
	for i := range 300 {
		claim := 0.01 * rng.NormFloat64()
		effects = append(effects, history.Effect{Experiment: fmt.Sprint(i), Arm: "b", Metric: "rpm", Surface: "feed", Source: "human", Ended: tonight.AddDate(0, 0, i-300),
			Claims: map[string]float64{"author": claim}, Lift: 0.5*claim + 0.002*rng.NormFloat64(), SE: 0.001, Usable: true})
	}
	s := Snapshot{At: tonight, Policy: smallPolicy(), Effects: effects}
	h := idea("a")
	h.Claim = &Claim{Low: 0, Mid: 0.01, High: 0.02}
	s.Hypotheses = []Hypothesis{h}
	s.Hypotheses[0].Claim = &Claim{Low: -0.06, Mid: -0.05, High: -0.04} // on record: it counts, not what was imported
	s.Starts = []Start{{Hypothesis: "a", Experiment: "7"}}
	if got := s.tested().claims(effects[7])["author"]; got != -0.05 {
		t.Errorf("the claim of a hypothesis that became an experiment is %g", got)
	}
	if got := Claimed(effects, s.Hypotheses, s.Starts); got[7].Claims["author"] != -0.05 || got[8].Claims["author"] != effects[8].Claims["author"] || effects[7].Claims["author"] == -0.05 {
		t.Errorf("%v", got[7].Claims)
	}
	for _, p := range (tested{}).past(effects, Metric{Name: "rpm"}, false) {
		if p.Claims != nil {
			t.Fatal("a guardrail learns from claims of the target")
		}
	}
	s.Starts = nil
	m, err := fitModel(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	with, err := m.forecast(h)
	if err != nil {
		t.Fatal(err)
	}
	h.Claim = nil
	without, err := m.forecast(h)
	if err != nil {
		t.Fatal(err)
	}
	if d := with.Mean - without.Mean; math.Abs(d-0.005) > 0.001 || !(without.SD > 2*with.SD) {
		t.Errorf("a claim of 1%% that holds by half adds %.4f; SDs %.4f with and %.4f without", d, with.SD, without.SD)
	}
}
