package planner_test

import (
	"errors"
	"math"
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
	freed := []planner.Freed{{Name: "a100", Unit: "GPU-hour", Left: []float64{40, 40, 240}}, {Name: "feed-all/supply", Unit: "bucket", Left: []float64{0, 0, 0}}}
	if d := cmp.Diff(&planner.Backfill{Of: p.ID, Stopped: []string{firm[0].Experiment}, Freed: freed}, q.Backfill); d != "" {
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
	for _, set := range []string{"pools.a100=+0%", "change_cost=0"} { // what is announced stays in any case
		w, err := h.WhatIf(t.Context(), planner.WhatIfRequest{Set: []string{set}})
		if err != nil || w.Changed || w.Now.Value != q.Value || len(w.In)+len(w.Out)+len(w.Moved) > 0 {
			t.Errorf("nothing is otherwise: %v, %+v", err, w)
		}
	}
	// The nights after keep it all.
	*h.now = h.now.AddDate(0, 0, 1)
	r := h.plan(t, planner.PlanRequest{})
	if len(r.Running) != len(q.Firm())+len(q.Running) || r.Stability.Plan != q.ID || r.Stability.Announced != len(announced) {
		t.Errorf("%d run, %+v", len(r.Running), r.Stability)
	}
}

// alone is a policy under which one test has all users, for so many weeks.
func alone(weeks int) planner.Policy {
	rules := policy()
	rules.HorizonWeeks = 2 * weeks
	rules.Segments[0].Layers = rules.Segments[0].Layers[:1]
	rules.Designs = planner.Menu{Shares: []float64{1}, Weeks: []int{weeks}}
	return rules
}

// stopped is a house three days after a plan whose only running test ended today. All is
// announced from the end of that on.
func stopped(t *testing.T, weeks int) (house, planner.Start) {
	h := openUnder(t, alone(weeks))
	h.submit(t, "a", "b")
	p := h.plan(t, planner.PlanRequest{})
	if len(p.Firm()) != 1 || p.Announcement() == nil {
		t.Fatalf("%+v", p)
	}
	*h.now = h.now.AddDate(0, 0, 3)
	h.submit(t, "c")
	if _, err := h.Stop(t.Context(), p.Firm()[0].Hypothesis, planner.Stop{}); err != nil {
		t.Fatal(err)
	}
	return h, p.Announcement().Starts[0]
}

// A test of two weeks that begins within a week ends with one, before what is announced,
// on the days that are left. What-if, and the nights after, know it as it is.
func TestBackfillEndsWithAWeek(t *testing.T) {
	h, next := stopped(t, 2)
	p := h.plan(t, planner.PlanRequest{Backfill: true})
	if len(p.Firm()) != 1 || p.WhyNone() != "" {
		t.Fatalf("%+v start; %s", p.Firm(), p.WhyNone())
	}
	s := p.Firm()[0]
	users := 1e6 * math.Sqrt(11.0/7) / 2
	if s.Hypothesis != "c" || s.Design.Name != "100% × 2 weeks less 3 days" || !s.Until.Equal(next.From) || math.Abs(s.Design.UsersPer-users) > 1e-6*users || s.Design.SE <= next.Design.SE {
		t.Errorf("%+v", s)
	}
	if st := p.Stability; st.Kept != 1 || st.Announced != 1 {
		t.Errorf("%+v", st)
	}
	if len(p.Backfill.Freed) != 2 || p.Backfill.Freed[1].Left[0] != 0 || p.Backfill.Freed[1].Left[1] != 0 {
		t.Errorf("%+v", p.Backfill)
	}
	w, err := h.WhatIf(t.Context(), planner.WhatIfRequest{Set: []string{"pools.a100=+1"}})
	if err != nil || w.Changed || len(w.In)+len(w.Out)+len(w.Moved) > 0 {
		t.Errorf("%+v, %v", w, err)
	}
	if x, err := h.Explain(t.Context(), "c"); err != nil || x.Entry.Start == nil || len(x.Capacity) != 4 {
		t.Errorf("%+v, %v", x, err)
	}
	*h.now = h.now.AddDate(0, 0, 1)
	q := h.plan(t, planner.PlanRequest{})
	if d := cmp.Diff(p.Firm(), q.Running); d != "" || q.Stability.Kept != 1 {
		t.Errorf("%+v; what runs has moved:\n%s", q.Stability, d)
	}
}

// A test of a week is not cut short: it waits, and the plan says for what.
func TestBackfillOfLessThanAWeek(t *testing.T) {
	h, _ := stopped(t, 1)
	p := h.plan(t, planner.PlanRequest{Backfill: true})
	want := "Nothing starts before the next plan. A test takes its users and machines for a week at least, and what is announced stays where it is: " +
		"of a100 250 GPU-hours are free until 30 Nov 2026, and 145 in the week after, and of feed-all/models 10000 buckets are free until 30 Nov 2026, and 0 in the week after. " +
		"The next plan decides over all weeks again; the first announced start, of 1, is on 30 Nov 2026."
	if len(p.Firm()) != 0 || p.WhyNone() != want {
		t.Errorf("%+v start:\n%s", p.Firm(), p.WhyNone())
	}
}
