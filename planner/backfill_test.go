package planner_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/planner"
)

// A test stops early in the middle of the week. A backfill gives its capacity to another,
// and what runs and what is announced stay as they are.
func TestBackfill(t *testing.T) {
	h := open(t)
	if _, err := h.Plan(t.Context(), planner.PlanRequest{Backfill: true}); !errors.Is(err, planner.ErrNoPlan) {
		t.Errorf("before the first plan: %v", err)
	}
	h.submit(t, "a", "b", "c")
	p := h.plan(t, planner.PlanRequest{})
	firm, announced := p.Firm(), p.Announcement().Starts
	if len(firm) != 2 || len(announced) != 1 {
		t.Fatalf("%d start tonight, %d are announced", len(firm), len(announced))
	}
	if firm[0].Layer == announced[0].Layer { // the layer of the other has room after its end
		firm[0], firm[1] = firm[1], firm[0]
	}
	*h.now = h.now.AddDate(0, 0, 2)
	h.submit(t, "late-1", "late-2")
	if same := h.plan(t, planner.PlanRequest{Backfill: true, DryRun: true}); len(same.Firm()) != 0 || len(same.Backfill.Stopped) != 0 {
		t.Errorf("nothing is free, and %+v start", same.Firm())
	}
	if _, err := h.Withdraw(t.Context(), firm[0].Hypothesis); err != nil {
		t.Fatal(err)
	}
	*h.now = h.now.AddDate(0, 0, 1)
	q := h.plan(t, planner.PlanRequest{Backfill: true})
	if d := cmp.Diff(&planner.Backfill{Of: p.ID, Stopped: []string{firm[0].Experiment}}, q.Backfill); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if d := cmp.Diff(firm[1:], q.Running); d != "" {
		t.Errorf("what runs has moved:\n%s", d)
	}
	if st := q.Stability; st.Announced != len(announced) || st.Kept != st.Announced {
		t.Errorf("what is announced has moved: %+v", st)
	}
	now := q.Announcement().Starts
	for i, was := range announced {
		if len(now) != len(announced) || now[i].Hypothesis != was.Hypothesis || !now[i].From.Equal(was.From) || now[i].Layer != was.Layer {
			t.Fatalf("announced were %+v, and are %+v", announced, now)
		}
	}
	if len(q.Firm()) == 0 {
		t.Error("the capacity that became free is not used")
	}
	for _, u := range q.Uses {
		if u.Held+u.Planned > u.Capacity {
			t.Errorf("%+v is overbooked", u)
		}
	}
	// The nights after keep it all.
	*h.now = h.now.AddDate(0, 0, 1)
	r := h.plan(t, planner.PlanRequest{})
	if len(r.Running) != len(q.Firm())+len(q.Running) || r.Stability.Plan != q.ID || r.Stability.Announced != len(announced) {
		t.Errorf("%d run, %+v", len(r.Running), r.Stability)
	}
}
