package planner_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/planner"
)

// What a plan would be is told as a difference to the plan in force, which stays.
func TestWhatIf(t *testing.T) {
	h := open(t)
	if _, err := h.WhatIf(t.Context(), planner.WhatIfRequest{Set: []string{"pools.a100=+1"}}); !errors.Is(err, planner.ErrNoPlan) {
		t.Errorf("before the first plan: %v", err)
	}
	h.submit(t, "a", "b", "c", "d", "e", "f", "g", "h")
	p := h.plan(t, planner.PlanRequest{})
	ask := func(set ...string) planner.WhatIf {
		t.Helper()
		w, err := h.WhatIf(t.Context(), planner.WhatIfRequest{Set: set})
		if err != nil {
			t.Fatal(err)
		}
		if w.Changed || w.Was.Value != p.Value || w.Now.Bound < w.Now.Value || len(w.Set) != len(set) || w.Now.Tests-w.Was.Tests != len(w.In)-len(w.Out) {
			t.Errorf("%v: %+v", set, w)
		}
		return w
	}
	same := ask("pools.a100=+0%")
	if same.Now.Value != p.Value || len(same.In)+len(same.Out)+len(same.Moved)+len(same.Prices) > 0 {
		t.Errorf("nothing is otherwise: %+v", same)
	}
	if none := ask("pools.a100=0"); none.Now.Tests != 0 || none.Now.Value != 0 || len(none.Out) != same.Was.Tests || none.Out[0].Reason == "" {
		t.Errorf("without machines: %+v", none)
	}
	more := ask("pools.a100=+100%")
	if more.Now.Value <= p.Value || len(more.In) == 0 || len(more.Prices) == 0 {
		t.Errorf("with twice the machines: %+v", more)
	}
	chosen := slices.IndexFunc(p.Entries, func(e planner.Entry) bool { return e.Start != nil })
	id := p.Entries[chosen].Hypothesis
	if worth := ask("hypotheses." + id + "=-100%"); !slices.ContainsFunc(worth.Out, func(d planner.Difference) bool { return d.Hypothesis == id }) {
		t.Errorf("%s without gain: %+v", id, worth)
	}
	if few := ask("quotas.human.starts.most=1"); few.Now.Tests != 1 {
		t.Errorf("one start: %+v", few)
	}
	current, err := h.CurrentPlan(t.Context())
	if d := cmp.Diff(p.Entries, current.Entries); err != nil || d != "" {
		t.Errorf("%v (-before +after):\n%s", err, d)
	}

	// On the nights after, with what is announced and what runs, and after the backlog has changed.
	*h.now = h.now.AddDate(0, 0, 7)
	p = h.plan(t, planner.PlanRequest{})
	if same := ask("pools.a100=+0%"); same.Now.Value != p.Value || len(same.In)+len(same.Out)+len(same.Moved) > 0 {
		t.Errorf("nothing is otherwise a week later: %+v", same)
	}
	if _, err := h.WhatIf(t.Context(), planner.WhatIfRequest{Set: []string{"pools.b=1"}, Gap: 0.1}); !errors.Is(err, planner.ErrRequest) {
		t.Errorf("an unknown pool: %v", err)
	}
	if _, err := h.WhatIf(t.Context(), planner.WhatIfRequest{Set: []string{"pools.a100=1"}, Gap: -1}); !errors.Is(err, planner.ErrRequest) {
		t.Errorf("a negative gap: %v", err)
	}
}

// What a time limit cuts short does not claim that there was no place.
func TestCutReasons(t *testing.T) {
	h := open(t)
	poor := idea("poor")
	poor.Compute.Train = 1e6
	h.submit(t, "a", "b", "c", "d", "e", "f", "g", "h")
	if _, err := h.Submit(t.Context(), []planner.Hypothesis{poor}); err != nil {
		t.Fatal(err)
	}
	told := "; the time limit ended the search, and with more time it may have found a place"
	for _, e := range h.plan(t, planner.PlanRequest{}).Entries {
		if strings.Contains(e.Reason, "time limit") {
			t.Errorf("without a limit: %s", e.Reason)
		}
	}
	out := 0
	p := h.plan(t, planner.PlanRequest{TimeLimit: 1, DryRun: true})
	for _, e := range p.Entries {
		waits := e.Start == nil && e.Hypothesis != "poor"
		if waits {
			out++
		}
		if waits != strings.Contains(e.Reason, told) {
			t.Errorf("%s: %s", e.Hypothesis, e.Reason)
		}
	}
	if !p.Cut || out == 0 {
		t.Errorf("cut %v", p.Cut)
	}
	w, err := h.WhatIf(t.Context(), planner.WhatIfRequest{Set: []string{"pools.a100=-50%"}, TimeLimit: 1})
	if err != nil || !w.Now.Cut || len(w.Out) == 0 {
		t.Fatalf("%+v, %v", w, err)
	}
	for _, d := range w.Out {
		if !strings.Contains(d.Reason, told) {
			t.Errorf("%s: %s", d.Hypothesis, d.Reason)
		}
	}
}
