package planner_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/assay-planner/assay/planner"
)

// A stop is taken back as long as nobody has got what the test held; and the next plan
// makes room for it.
func TestResume(t *testing.T) {
	h := open(t)
	h.submit(t, "a", "b", "c")
	p := h.plan(t, planner.PlanRequest{})
	gone, waits := p.Firm()[0], p.Announcement().Starts[0].Hypothesis
	stop := func(hours int) {
		t.Helper()
		*h.now = h.now.Add(time.Duration(hours) * time.Hour)
		if _, err := h.Stop(t.Context(), gone.Hypothesis, planner.Stop{Reason: "a mistake"}); err != nil {
			t.Fatal(err)
		}
		*h.now = h.now.Add(time.Hour)
	}
	refused := func(id string, is error, says string) {
		t.Helper()
		if _, err := h.Resume(t.Context(), id); !errors.Is(err, is) || !strings.Contains(err.Error(), says) {
			t.Errorf("%v\nwant %s", err, says)
		}
	}
	refused("nobody", planner.ErrNotFound, "nobody: not found")
	refused(waits, planner.ErrRequest, "resume "+waits+": it has no test that was stopped; it is scheduled")
	stop(48)
	rests := h.plan(t, planner.PlanRequest{Backfill: true}) // there is no cool-down: nothing rests
	if len(rests.Firm()) != 0 || len(rests.Backfill.Stopped) != 1 {
		t.Fatalf("%+v", rests.Firm())
	}
	for range 2 { // the second time is no error and changes nothing
		r, err := h.Resume(t.Context(), gone.Hypothesis)
		if err != nil || r.Status != planner.Running || r.Stopped != nil || !r.Start.Until.Equal(gone.Until) {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	book, err := h.Ledger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if last := book[len(book)-1]; last.Event != planner.TestResumed || last.Experiment != gone.Experiment || !last.Until.Equal(gone.Until) || last.Reason != "" {
		t.Errorf("%+v", last)
	}
	w, err := h.WhatIf(t.Context(), planner.WhatIfRequest{Set: []string{"change_cost=0.01"}})
	if err != nil || !w.Changed {
		t.Errorf("a plan that did not know the test that runs: changed is %v, %v", w.Changed, err)
	}
	*h.now = h.now.Add(time.Hour)
	if again := h.plan(t, planner.PlanRequest{}); len(again.Running) != 2 {
		t.Errorf("%d run", len(again.Running))
	}
	stop(24)
	if _, err := h.Withdraw(t.Context(), waits); err != nil {
		t.Fatal(err)
	}
	h.submit(t, "d")
	if taken := h.plan(t, planner.PlanRequest{}); len(taken.Firm()) == 0 {
		t.Fatal("nothing starts where there is room")
	}
	*h.now = h.now.Add(time.Hour)
	refused(gone.Hypothesis, planner.ErrTaken, "resume "+gone.Hypothesis+": given to others: ")
	if r := h.row(t, gone.Hypothesis); r.Status != planner.Finished || r.Stopped == nil {
		t.Errorf("%+v", r)
	}
}

// A test whose weeks are over cannot run on: where its treatment would rest then, another
// may have begun in the meantime.
func TestResumeTooLate(t *testing.T) {
	h, _ := stopped(t, 1)
	p, err := h.CurrentPlan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	gone := p.Firm()[0]
	*h.now = gone.Until
	if _, err := h.Resume(t.Context(), gone.Hypothesis); !errors.Is(err, planner.ErrRequest) || !strings.Contains(err.Error(), "resume "+gone.Hypothesis+": its test would have ended on ") {
		t.Errorf("when it is over: %v", err)
	}
	*h.now = gone.Until.Add(-time.Second)
	if r, err := h.Resume(t.Context(), gone.Hypothesis); err != nil || r.Status != planner.Running {
		t.Errorf("before: %s, %v", r.Status, err)
	}
}

// What begins while a test is stopped may have its place in more ways than its buckets.
func TestResumeTaken(t *testing.T) {
	for says, rival := range map[string]func(h *planner.Hypothesis, gone planner.Start){
		"rival requires it, took it for tested, and began on 25 Nov 2026": func(h *planner.Hypothesis, gone planner.Start) {
			h.Requires, h.Compute = []string{gone.Hypothesis}, planner.Demand{}
		},
		"it must not meet rival on the same users, which began in feed-all/supply on 25 Nov 2026": func(h *planner.Hypothesis, gone planner.Start) {
			h.Conflicts, h.Component, h.Compute = []string{gone.Hypothesis}, "pricing", planner.Demand{}
		},
		"it needs 105 GPU-hours of a100 a week on 25 Nov 2026; with rival@2026-11-25, begun since, all that runs would need 285 of 250": func(h *planner.Hypothesis, _ planner.Start) {
			h.Component, h.Compute = "pricing", planner.Demand{Pool: "a100", Serve: 360}
		},
	} {
		rules := policy()
		rules.Designs = planner.Menu{Shares: []float64{1}, Weeks: []int{2}}
		rules.Segments[0].Layers[0].Components, rules.Segments[0].Layers[1].Components = []string{"ranking"}, []string{"pricing"}
		h := openUnder(t, rules)
		h.submit(t, "a")
		gone := h.plan(t, planner.PlanRequest{}).Firm()[0]
		*h.now = h.now.AddDate(0, 0, 2)
		if _, err := h.Stop(t.Context(), "a", planner.Stop{}); err != nil {
			t.Fatal(err)
		}
		r := idea("rival")
		rival(&r, gone)
		if _, err := h.Submit(t.Context(), []planner.Hypothesis{r}); err != nil {
			t.Fatal(err)
		}
		if p := h.plan(t, planner.PlanRequest{}); len(p.Firm()) != 1 {
			t.Fatalf("%s: %+v", says, p.Entries)
		}
		if _, err := h.Resume(t.Context(), "a"); !errors.Is(err, planner.ErrTaken) || !strings.HasSuffix(err.Error(), "resume a: given to others: "+says) {
			t.Errorf("%v\nwant %s", err, says)
		}
		if _, err := h.Withdraw(t.Context(), "rival"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Resume(t.Context(), "a"); err != nil {
			t.Errorf("when %s no more: %v", says, err)
		}
	}
}
