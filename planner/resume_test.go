package planner_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
	refused(waits, planner.ErrRequest, "resume "+waits+": it was not withdrawn, and has no test that was stopped; it is scheduled")
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
			h.Requires, h.Component, h.Compute = []string{gone.Hypothesis}, "pricing", planner.Demand{}
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
		*h.now = h.now.Add(time.Hour)
		if _, err := h.Withdraw(t.Context(), "rival"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Resume(t.Context(), "a"); !errors.Is(err, planner.ErrTaken) {
			t.Errorf("when the rival has had it for an hour, and %s: %v", says, err)
		}
	}
}

// A withdrawal is taken back as a stop is, and before it: what waited waits again, a test runs
// on; another submission says that the idea is withdrawn, and leaves it so.
func TestResumeWithdrawn(t *testing.T) {
	h := open(t)
	h.submit(t, "a", "b", "c")
	p := h.plan(t, planner.PlanRequest{})
	runs, waits := p.Firm()[0], p.Announcement().Starts[0].Hypothesis
	*h.now = h.now.AddDate(0, 0, 2)
	resume := func(id string, status planner.Status) planner.Row {
		t.Helper()
		r, err := h.Resume(t.Context(), id)
		if err != nil || r.Status != status || r.Withdrawn != nil {
			t.Errorf("%s: %+v, %v", id, r, err)
		}
		return r
	}
	before := []planner.Row{h.row(t, waits), h.row(t, runs.Hypothesis)}
	for _, id := range []string{waits, runs.Hypothesis} {
		if _, err := h.Withdraw(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		receipts, err := h.Submit(t.Context(), []planner.Hypothesis{idea(id)})
		if want := (planner.Receipt{ID: id, Withdrawn: h.now}); err != nil || cmp.Diff(want, receipts[0]) != "" || h.row(t, id).Status != planner.Withdrawn {
			t.Errorf("submitted again: %+v, %v", receipts, err)
		}
	}
	after := []planner.Row{resume(waits, planner.Scheduled), resume(runs.Hypothesis, planner.Running)}
	if d := cmp.Diff(before, after); d != "" {
		t.Errorf("(-before +after):\n%s", d)
	}
	if book, err := h.Ledger(t.Context()); err != nil || book[len(book)-1].Event != planner.TestResumed || !book[len(book)-1].Until.Equal(runs.Until) {
		t.Errorf("%+v, %v", book, err)
	}

	// Both: one after the other is taken back. The next plan gives the place of what was ended to others.
	*h.now = h.now.Add(time.Hour)
	if _, err := h.Stop(t.Context(), runs.Hypothesis, planner.Stop{}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := h.Withdraw(t.Context(), runs.Hypothesis); err != nil {
			t.Fatal(err)
		}
		if r := resume(runs.Hypothesis, planner.Finished); r.Stopped == nil {
			t.Errorf("%+v", r)
		}
	}
	resume(runs.Hypothesis, planner.Running)
	*h.now = h.now.Add(time.Hour)
	if _, err := h.Withdraw(t.Context(), runs.Hypothesis); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Withdraw(t.Context(), waits); err != nil {
		t.Fatal(err)
	}
	h.submit(t, "d")
	if taken := h.plan(t, planner.PlanRequest{}); len(taken.Firm()) == 0 {
		t.Fatal("nothing starts where there is room")
	}
	if _, err := h.Resume(t.Context(), runs.Hypothesis); !errors.Is(err, planner.ErrTaken) {
		t.Error(err)
	}
	*h.now = runs.Until
	if _, err := h.Resume(t.Context(), runs.Hypothesis); !errors.Is(err, planner.ErrRequest) || !strings.Contains(err.Error(), "nothing is left of it") {
		t.Error(err)
	}
}

// A night that is planned again without a test, at the same second, has not begun it: to take
// its withdrawal back brings the idea to the queue, and no test.
func TestResumeOfANightPlannedAgain(t *testing.T) {
	h := open(t)
	h.submit(t, "a")
	h.plan(t, planner.PlanRequest{})
	if _, err := h.Withdraw(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	h.plan(t, planner.PlanRequest{})
	if r, err := h.Resume(t.Context(), "a"); err != nil || r.Status != planner.Queued || r.Start != nil {
		t.Errorf("%+v, %v", r, err)
	}
	book, err := h.Ledger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if last := book[len(book)-1]; last.Event != planner.TestReplanned {
		t.Errorf("%+v", last)
	}
	if p := h.plan(t, planner.PlanRequest{}); len(p.Firm()) != 1 {
		t.Errorf("%+v", p.Entries)
	}
}
