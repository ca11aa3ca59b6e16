package insights

import (
	"math"
	"sync"
	"testing"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/planner/sample"
)

// learned is what the bundled sample teaches about rpm, and its truth by experiment,
// arm and metric.
var learned = sync.OnceValue(func() (r struct {
	Report
	programme sample.Programme
	truth     map[[3]string]float64
	err       error
}) {
	r.programme, r.truth = sample.Generate(sample.Seed), map[[3]string]float64{}
	for _, l := range r.programme.Truth.Past {
		r.truth[[3]string{l.ID, l.Arm, l.Metric}] = l.Lift
	}
	r.Report, r.err = Learn(r.programme.Effects(), Options{Metric: "rpm", Down: map[string]bool{"hide_rate": true}})
	return r
})

// undecided is the bundled sample as if nobody had told what shipped.
func undecided() []history.Effect {
	effects := learned().programme.Effects()
	for i := range effects {
		effects[i].Decision = ""
	}
	return effects
}

func TestTotalOnTheSample(t *testing.T) {
	r := learned()
	if r.err != nil {
		t.Fatal(r.err)
	}
	o, err := Options{Metric: "rpm"}.withDefaults(nil)
	if err != nil {
		t.Fatal(err)
	}
	const z = 1.959964
	l := &learner{o: o, z: z, half: z, trials: trialsOf(undecided(), "rpm", false)}
	if err := l.believe(); err != nil {
		t.Fatal(err)
	}
	var truth, wrong float64
	for _, of := range l.trials {
		if k := of.significant(z); k >= 0 {
			truth += r.truth[[3]string{of.id, of.arms[k].of.Arm, "rpm"}]
		}
		for _, a := range of.arms {
			if a.Value > z*a.SE && r.truth[[3]string{of.id, a.of.Arm, "rpm"}] <= 0 {
				wrong++
			}
		}
	}
	s := l.total()
	t.Logf("measured %.3f, by posterior means %.3f ± %.3f, Lee & Shen %.3f ± %.3f, truth %.3f", s.Measured, s.Posterior.Value, s.Posterior.SE, s.LeeShen.Value, s.LeeShen.SE, truth)
	if s.By != "rule" || s.Measured < 1.3*truth || math.Abs(s.Posterior.Value-truth) > 0.1*truth || math.Abs(s.LeeShen.Value-truth) > 0.1*truth ||
		!s.Posterior.Interval.Contains(truth) || !s.LeeShen.Interval.Contains(truth) {
		t.Errorf("%+v, %+v for a true total of %g", s, s.LeeShen, truth)
	}
	t.Logf("%.1f false wins are expected, there are %g of %d", r.Wins.FalseWins, wrong, r.Wins.Won)
	if math.Abs(r.Wins.FalseWins-wrong) > 4.9*math.Sqrt(r.Wins.FalseWins) {
		t.Errorf("%g wins are false, expected %g", wrong, r.Wins.FalseWins)
	}
}

// What the sample's owners shipped: by what they saw, and by what they believed.
func TestDecisionsOnTheSample(t *testing.T) {
	r := learned()
	if r.err != nil {
		t.Fatal(r.err)
	}
	var truth float64
	for _, of := range trialsOf(r.programme.Effects(), "rpm", false) {
		if k := of.decided(ShippedWords); k >= 0 {
			truth += r.truth[[3]string{of.id, of.arms[k].of.Arm, "rpm"}]
		}
	}
	s := r.Shipped
	t.Logf("%d shipped, measured %.3f, by posterior means %.3f ± %.3f, truth %.3f", s.Count, s.Measured, s.Posterior.Value, s.Posterior.SE, truth)
	if s.By != "decision" || s.LeeShen != nil || s.Measured < 1.3*truth || !s.Posterior.Interval.Contains(truth) {
		t.Errorf("%+v for a true total of %g", s, truth)
	}
}

func TestTailOnTheSample(t *testing.T) {
	tail := learned().Tail
	if tail == nil {
		t.Fatal(learned().Missing)
	}
	// True effects are t with 3 degrees of freedom within a kind of idea, and kinds differ in scale.
	if tail.DF > 3.5 || !tail.Interval.Contains(3) || tail.NormalP > 1e-6 {
		t.Errorf("%+v", tail)
	}
	for i, s := range tail.Splits {
		if i > 0 && s.Fat < tail.Splits[i-1].Fat {
			t.Errorf("with a mean near 0 more tests of fewer users bring more: %+v", tail.Splits)
		}
	}
}

// What the sample is drawn from: docs/sample.md and effectCorrelation.
func TestNorthStarOnTheSample(t *testing.T) {
	star := learned().NorthStar
	want := map[string]float64{"ctr": 0.45, "cvr": 0.40, "hide_rate": -0.20, "session_minutes": -0.20}
	seen := 0
	for _, p := range star.Pairs {
		t.Logf("%s for %s: %.3f in [%.3f, %.3f], naive %.3f, users %.2f ± %.2f", p.Short, p.Long, p.Correlation, p.CorrelationInterval.Low, p.CorrelationInterval.High, p.Naive, p.Users.Value, p.Users.SE)
		if p.Long == "rpm" {
			if seen++; math.Abs(p.Correlation-want[p.Short]) > 0.15 {
				t.Errorf("%s predicts rpm by %.3f, drawn with %.3f", p.Short, p.Correlation, want[p.Short])
			}
		}
	}
	if seen != 4 || star.Index == nil || star.Index.R2 < 0.2 || star.Index.R2 > 0.8 {
		t.Errorf("%d metrics for rpm; index %+v", seen, star.Index)
	}
	for _, p := range star.Pairs { // by the delta method from the sample's userCorrelation: 0.46
		if p.Short == "ctr" && p.Long == "rpm" && math.Abs(p.Users.Value-0.46) > 4.9*p.Users.SE {
			t.Errorf("users' metrics correlate by %.2f ± %.2f, drawn with 0.46", p.Users.Value, p.Users.SE)
		}
	}
}

func TestKindsAndRulesOnTheSample(t *testing.T) {
	r := learned()
	place := map[string]int{}
	for i, g := range r.Groups {
		place[g.By+"/"+g.Name] = i + 1
	}
	if !(place["surface/marketplace"] > 0 && place["surface/marketplace"] < place["surface/search"] && place["component/ranking"] < place["component/calibration"]) {
		t.Errorf("kinds with twice the scale have the larger upside: %v", place)
	}
	if r.Rules == nil || len(r.Rules.Rows) != 6 || r.Rules.Rows[0].Gain.Interval.Low <= 0 || r.Rules.Current != "p < 0.025" {
		t.Errorf("%+v", r.Rules)
	}
	for _, m := range r.Missing {
		if m.What != "segment" {
			t.Errorf("missing: %+v", m)
		}
	}
}
