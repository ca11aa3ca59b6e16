package planner

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/allocator"
)

const aDay = 24 * time.Hour

func runs(from time.Time, hours ...float64) Start {
	return Start{Hypothesis: "r", From: from, Until: from.Add(time.Duration(len(hours)) * week),
		Design: Design{Pool: "a100", Weeks: len(hours), GPUHours: hours}}
}

func TestHeldHours(t *testing.T) {
	for _, tc := range []struct {
		name    string
		running []Start
		want    []int64
	}{
		{"nothing runs", nil, []int64{0, 0, 0}},
		{"started a week ago", []Start{runs(tonight.Add(-week), 700, 3, 2)}, []int64{3, 2, 0}},
		{"still trains for six days", []Start{runs(tonight.Add(-aDay), 700, 3)}, []int64{700, 3, 0}},
		{"ends today", []Start{runs(tonight.Add(-week+aDay), 700)}, []int64{700, 0, 0}},
		{"two peaks in different days do not add up",
			[]Start{runs(tonight.Add(-week+aDay), 50), runs(tonight.Add(-week+2*aDay), 0, 40)}, []int64{50, 40, 0}},
		{"two peaks in the same days do", []Start{runs(tonight.Add(-aDay), 50), runs(tonight.Add(-2*aDay), 30)}, []int64{80, 0, 0}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if d := cmp.Diff(tc.want, heldHours(tc.running, "a100", newCalendar(tonight, 3, nil))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if d := cmp.Diff([]int64{0, 0, 0}, heldHours(tc.running, "l4", newCalendar(tonight, 3, nil))); d != "" {
				t.Errorf("of another pool:\n%s", d)
			}
		})
	}
}

func TestHolds(t *testing.T) {
	r := runs(tonight.Add(-aDay), 1, 1)
	r.Segment, r.Layer, r.Experiment = "feed-us", "any", "r@2026-11-22"
	r.Control, r.Treatment = []allocator.Range{{From: 0, To: 5}}, []allocator.Range{{From: 5, To: 8}, {From: 20, To: 22}}
	r.Design.CoolDown = 1
	past := Rest{Experiment: "p", Segment: "feed-us", Layer: "any", Ranges: []allocator.Range{{From: 7, To: 10}}, Until: tonight.Add(3 * week)}
	s := Snapshot{At: tonight, Policy: smallPolicy(), Starts: []Start{r}, rests: []Rest{past}}
	p := Partition{Segment: "feed-us", Layer: "any", Buckets: 30, Holdout: []allocator.Range{{From: 21, To: 30}}}
	want := []allocator.Hold{
		{Owner: "r@2026-11-22", Ranges: []allocator.Range{{From: 0, To: 5}}, Until: 2},                     // control ends
		{Owner: "r@2026-11-22", Ranges: []allocator.Range{{From: 5, To: 8}, {From: 20, To: 21}}, Until: 3}, // treatment rests a week
		{Owner: "rest of p", Ranges: []allocator.Range{{From: 8, To: 10}}, Until: 3},
		{Owner: "r@2026-11-22", Ranges: []allocator.Range{{From: 21, To: 22}}, Until: 4}, // runs where the holdout is now: never free again
		{Owner: "holdout", Ranges: []allocator.Range{{From: 22, To: 30}}, Until: 4},
	}
	if d := cmp.Diff(want, s.holds(p)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	p.Layer, p.Holdout = "ranking", nil
	if got := s.holds(p); len(got) != 0 {
		t.Errorf("another layer holds %v", got)
	}
}
