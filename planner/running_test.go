package planner

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

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
			if d := cmp.Diff(tc.want, heldHours(tc.running, "a100", tonight, 3)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if d := cmp.Diff([]int64{0, 0, 0}, heldHours(tc.running, "l4", tonight, 3)); d != "" {
				t.Errorf("of another pool:\n%s", d)
			}
		})
	}
}

func TestHolds(t *testing.T) {
	r := runs(tonight.Add(-aDay), 1, 1)
	r.Segment, r.Layer, r.Experiment = "feed-us", "any", "r@2026-11-22"
	r.Control, r.Treatment = []allocator.Range{{From: 0, To: 5}}, []allocator.Range{{From: 5, To: 8}, {From: 20, To: 22}}
	want := []allocator.Hold{{Owner: "r@2026-11-22", Ranges: []allocator.Range{{From: 0, To: 8}, {From: 20, To: 22}}, Until: 2}}
	if d := cmp.Diff(want, holds([]Start{r}, "feed-us", "any", tonight)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := holds([]Start{r}, "feed-us", "ranking", tonight); len(got) != 0 {
		t.Errorf("another layer holds %v", got)
	}
	if got := weeksUntil(tonight, tonight.Add(week)); got != 1 {
		t.Errorf("a test that ends in exactly a week holds %d weeks", got)
	}
}

// Both halves together are the cohort, and their sizes differ by at most one.
func TestSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var cohort []allocator.Range
		at := 0
		for range rapid.IntRange(0, 5).Draw(t, "ranges") {
			at += rapid.IntRange(1, 5).Draw(t, "gap")
			to := at + rapid.IntRange(1, 9).Draw(t, "buckets")
			cohort = append(cohort, allocator.Range{From: at, To: to})
			at = to
		}
		control, treatment := split(cohort)
		if c, tr := size(control), size(treatment); c-tr != size(cohort)%2 {
			t.Fatalf("%d buckets of control, %d of treatment", c, tr)
		}
		if d := cmp.Diff(cohort, joined(append(treatment, control...))); d != "" {
			t.Fatalf("(-cohort +halves):\n%s", d)
		}
	})
}
