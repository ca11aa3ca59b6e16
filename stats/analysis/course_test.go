package analysis

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/sequential"
)

// Days of disjoint users add up to the same as no days, in any order; of snapshots
// the last counts.
func TestDaysAddUp(t *testing.T) {
	const variance = 3 * 999 * 4 / 2999.0 // of three days of 1,000 users with 4 each
	whole := run(t, test(mean("c", "m", 3000, 10, variance), mean("t", "m", 3000, 10.3, variance)))
	var rows []Row
	for day := range 3 {
		rows = append(rows, at(float64(day+1), mean("c", "m", 1000, 10, 4)), at(float64(day+1), mean("t", "m", 1000, 10.3, 4)))
	}
	daily := run(t, test(rows...))
	if a, b := first(whole).Result, first(daily).Result; a.Treatment.N != b.Treatment.N || !near(a.Lift.Value, b.Lift.Value, 1e-12) || !near(a.P, b.P, 1e-9*a.P) {
		t.Errorf("whole %+v, daily %+v", a, b)
	}
	slices.Reverse(rows)
	if back := run(t, test(rows...)); !near(first(back).Result.P, first(daily).Result.P, 1e-20) {
		t.Error("the order of rows changes the answer")
	}
	last := test(at(1, mean("c", "m", 1000, 9, 4)), at(1, mean("t", "m", 1000, 12, 4)), at(7, mean("c", "m", 3000, 10, variance)), at(7, mean("t", "m", 3000, 10.3, variance)))
	last.Days = Cumulative
	if c := first(run(t, last)); !reflect.DeepEqual(c.Result, first(whole).Result) || len(c.Course.Monitor.Steps) != 2 || c.Course.Day[1] != 7 {
		t.Errorf("cumulative: %+v", c.Result)
	}
}

// Days that exclude each other are told in the verdict and among the warnings.
func TestDaysThatContradictEachOther(t *testing.T) {
	x := test(at(1, mean("c", "m", 5000, 10, 4)), at(1, mean("t", "m", 5000, 12, 4)), at(2, mean("c", "m", 90000, 10, 4)), at(2, mean("t", "m", 90000, 10, 4)))
	c := first(run(t, x))
	if !strings.Contains(c.Verdict, "day 2 contradicts the days before it") || !strings.Contains(strings.Join(c.Warnings, " "), "the effect changed with time") {
		t.Errorf("%s\n%q", c.Verdict, c.Warnings)
	}
}

func TestLooksOfAPlan(t *testing.T) {
	var rows []Row
	for day := range 4 {
		rows = append(rows, at(float64(day+1), mean("c", "m", 500, 10, 16)), at(float64(day+1), mean("t", "m", 500, 10.5, 16)))
	}
	plan := &Plan{Design: sequential.Design{Looks: 2}, Users: 4000}
	c := first(runWith(t, test(rows...), Options{Plan: plan}))
	if len(c.Sequential.Looks) != 2 || c.Sequential.Looks[0].Day != 2 || c.Sequential.Verdict.Direction != 1 || c.Course != nil {
		t.Fatalf("%+v", c.Sequential)
	}
	if f := c.Sequential.Inference; !(f.Interval.Low > 0) || f.MedianUnbiased > 0.0501 {
		t.Errorf("%+v", f)
	}
	for _, sides := range []stats.Sides{stats.Greater, stats.Less} {
		for i := range rows {
			if rows[i].Arm == "t" {
				rows[i].Moments.Means[0] = 20 - rows[i].Moments.Means[0]
			}
		}
		c := first(runWith(t, test(rows...), Options{Plan: plan, Sides: sides}))
		stops := c.Sequential.Verdict.Direction != 0
		if stops { // first the treatment is worse, then better
			t.Errorf("%s rejects on the wrong side: %s", sides, c.Verdict)
		}
	}
	early := first(runWith(t, test(rows...), Options{Plan: &Plan{Users: 1e6}}))
	if early.Sequential.Verdict != nil || !strings.Contains(early.Verdict, "no look yet") {
		t.Error(early.Verdict)
	}
}

// Under a plan its looks decide, with the p-value of the look that stopped: at an
// early one 0.01 is not enough, and what goes on establishes nothing.
func TestAPlanDecides(t *testing.T) {
	x := test(at(1, mean("c", "m", 500, 10, 16)), at(1, mean("t", "m", 500, 10.6, 16)))
	r := runWith(t, x, Options{Plan: &Plan{Design: sequential.Design{Looks: 2}, Users: 2000}})
	if c := first(r); c.P > 0.03 || c.Established || c.AdjustedP != nil || r.Family.Size != 1 || strings.Contains(c.Verdict, "established") || !strings.Contains(c.Verdict, "go on") {
		t.Errorf("at the first of two looks: p %v, adjusted %v: %s", c.P, c.AdjustedP, c.Verdict)
	}
	x.Rows = append(x.Rows, at(2, mean("c", "m", 500, 10, 16)), at(2, mean("t", "m", 500, 10.6, 16)),
		at(1, mean("c", "n", 1000, 10, 16)), at(1, mean("t", "n", 1000, 10, 16)))
	c := first(runWith(t, x, Options{Plan: &Plan{Design: sequential.Design{Looks: 2}, Users: 2000}}))
	if !c.Established || *c.AdjustedP != 2*c.Sequential.Inference.PValue || !strings.HasSuffix(c.Verdict, "established, better") {
		t.Errorf("at the last look: adjusted %v, p of the looks %v: %s", *c.AdjustedP, c.Sequential.Inference.PValue, c.Verdict)
	}
}
