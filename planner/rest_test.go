package planner

import (
	"testing"
	"time"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/history"
)

// measured is an effect of experiment r; with the belief of the fixtures, N(0, 0.003²),
// and an SE of 0.003, half of a lift of rpm remains.
func measuredEffect(metric string, lift float64) history.Effect {
	return history.Effect{Experiment: "r@2026-11-09", Metric: metric, Surface: "feed", Source: "human", Lift: lift, SE: 0.003,
		Ended: tonight.Add(-time.Hour), Usable: true, Verdict: history.Usable}
}

func TestRests(t *testing.T) {
	unusable := measuredEffect("rpm", 0)
	unusable.Usable = false
	taken := tonight.Add(-10 * aDay)
	for _, tc := range []struct {
		name    string
		change  func(*Snapshot)
		effects []history.Effect
		reason  string // empty: it does not rest
		weeks   int    // from the end on
	}{
		{"weak", nil, []history.Effect{measuredEffect("rpm", 0.019)}, "", 0},
		{"strong", nil, []history.Effect{measuredEffect("rpm", 0.0201)}, "its lift of rpm is 1% after shrinkage, up or down; cool_down.lift is 1%", 2},
		{"strong and bad", nil, []history.Effect{measuredEffect("rpm", 0), measuredEffect("rpm", -0.03)}, "its lift of rpm is 1.5% after shrinkage, up or down; cool_down.lift is 1%", 2},
		{"a metric without a prior is taken as measured", nil, []history.Effect{measuredEffect("rpm", 0), measuredEffect("hide_rate", -0.012)}, "its lift of hide_rate is 1.2% after shrinkage, up or down; cool_down.lift is 1%", 2},
		{"not back", nil, nil, "its outcome has not come back", 2},
		{"not usable", nil, []history.Effect{unusable}, "its outcome has not come back", 2},
		{"submitted as strong", func(s *Snapshot) { s.Starts[0].Design.CoolDown = 3 }, []history.Effect{measuredEffect("rpm", 0)}, "its treatment was submitted as strong", 3},
		{"no cool-down", func(s *Snapshot) { s.Policy.CoolDown = CoolDown{} }, nil, "", 0},
		{"rested enough", func(s *Snapshot) { s.Policy.CoolDown.Weeks = 1 }, nil, "", 0},
		{"its layer rests longer", func(s *Snapshot) { s.Policy.Segments[0].Layers[1].CoolDown = &CoolDown{Weeks: 3, Lift: 0.015} }, []history.Effect{measuredEffect("rpm", 0.031)}, "its lift of rpm is 1.5% after shrinkage, up or down; cool_down.lift is 1.5%", 3},
		{"its layer never rests", func(s *Snapshot) { s.Policy.Segments[0].Layers[1].CoolDown = &CoolDown{} }, nil, "", 0},
		{"another layer never rests", func(s *Snapshot) { s.Policy.Segments[0].Layers[0].CoolDown = &CoolDown{} }, nil, "its outcome has not come back", 2},
		{"runs still", func(s *Snapshot) { s.Starts[0].Until = tonight.Add(time.Hour) }, nil, "", 0},
		{"withdrawn while it ran", func(s *Snapshot) {
			s.Hypotheses = []Hypothesis{{ID: "r", Withdrawn: &taken}}
			s.Starts[0].Until = tonight.Add(week)
		}, nil, "its outcome has not come back", 2},
		{"another salt since", func(s *Snapshot) { s.Policy.Segments[0].Layers[1].Salt = "new" }, nil, "", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := Snapshot{At: tonight, Policy: smallPolicy(), Effects: tc.effects}
			s.Policy.CoolDown = CoolDown{Weeks: 2, Lift: 0.01}
			r := runs(tonight.Add(-14*aDay-time.Hour), 1)
			r.Segment, r.Layer, r.Experiment = "feed-us", "any", "r@2026-11-09"
			r.Control, r.Treatment = []allocator.Range{{From: 0, To: 5}}, []allocator.Range{{From: 5, To: 9}}
			s.Starts = []Start{r}
			if tc.change != nil {
				tc.change(&s)
			}
			got := rests(s, belief(s.Policy))
			if tc.reason == "" {
				if len(got) != 0 {
					t.Errorf("rests: %+v", got)
				}
				return
			}
			if len(got) != 1 || got[0].Reason != tc.reason || got[0].Until.Sub(got[0].From) != time.Duration(tc.weeks)*week || got[0].Ranges[0] != r.Treatment[0] {
				t.Errorf("%+v, want %d weeks: %s", got, tc.weeks, tc.reason)
			}
		})
	}
}
