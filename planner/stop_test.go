package planner_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/assay-planner/assay/planner"
)

// A test is stopped: it holds nothing from then on, counts as tested, and its place is
// given away. Plans made before that was said did not know it.
func TestStop(t *testing.T) {
	h := open(t)
	h.submit(t, "a", "b", "c")
	p := h.plan(t, planner.PlanRequest{})
	gone, stays := p.Firm()[0], p.Firm()[1]
	waits := p.Announcement().Starts[0].Hypothesis
	*h.now = h.now.AddDate(0, 0, 2)
	ended := h.now.Add(-6 * time.Hour)
	next := idea("next")
	next.Requires = []string{gone.Hypothesis}
	if _, err := h.Submit(t.Context(), []planner.Hypothesis{next}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Stop(t.Context(), "nobody", planner.Stop{}); !errors.Is(err, planner.ErrNotFound) {
		t.Error(err)
	}
	for _, tc := range []struct {
		id   string
		stop planner.Stop
		says string
	}{
		{waits, planner.Stop{}, "stop " + waits + ": it has no test that runs; it is scheduled. To take the idea back, withdraw it"},
		{gone.Hypothesis, planner.Stop{At: h.now.Add(time.Hour)}, "at is 2026-11-25T03:00Z, which is yet to come"},
		{gone.Hypothesis, planner.Stop{At: gone.From}, "at is 2026-11-23T02:00Z, and its test began on 2026-11-23T02:00Z"},
		{gone.Hypothesis, planner.Stop{Reason: "a\nb"}, `reason "a\nb" holds a character that cannot be printed`},
		{gone.Hypothesis, planner.Stop{Reason: strings.Repeat("x", 501)}, "reason has 501 characters; at most 500 fit"},
	} {
		if _, err := h.Stop(t.Context(), tc.id, tc.stop); !errors.Is(err, planner.ErrRequest) || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%v\nwant %s", err, tc.says)
		}
	}
	for range 2 { // the second time is no error and changes nothing
		r, err := h.Stop(t.Context(), gone.Hypothesis, planner.Stop{At: ended, Reason: "harms hide_rate"})
		if err != nil || r.Status != planner.Finished || !r.Start.Until.Equal(ended) || !strings.HasPrefix(r.Reason, "was stopped early on 24 Nov 2026 (harms hide_rate); waits for its outcomes") {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	book, err := h.Ledger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for at, holds := range map[time.Time]bool{ended.Add(-1): true, ended: false} {
		held, err := book.Tenancy(planner.LayerKey(gone.Segment, gone.Layer), at)
		found := false
		for _, l := range held.Tests {
			found = found || l.Experiment == gone.Experiment
		}
		if err != nil || found != holds {
			t.Errorf("at %s: %+v, %v", at, held.Tests, err)
		}
	}
	if before := h.plan(t, planner.PlanRequest{At: h.now.Add(-time.Hour), DryRun: true}); len(before.Running) != 2 {
		t.Errorf("before it was said, %d run", len(before.Running))
	}
	*h.now = h.now.Add(time.Hour)
	q := h.plan(t, planner.PlanRequest{Backfill: true})
	if len(q.Backfill.Stopped) != 1 || q.Backfill.Stopped[0] != gone.Experiment || len(q.Running) != 1 || q.Running[0].Experiment != stays.Experiment {
		t.Errorf("%+v; %+v run", q.Backfill, q.Running)
	}
	for _, e := range q.Entries {
		if e.Hypothesis == gone.Hypothesis || e.Hypothesis == "next" && e.ReasonKind == "prerequisite" {
			t.Errorf("%s: %s", e.Hypothesis, e.Reason)
		}
	}
	if _, err := h.Withdraw(t.Context(), "next"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Stop(t.Context(), "next", planner.Stop{}); !errors.Is(err, planner.ErrRequest) || !strings.Contains(err.Error(), "it was withdrawn") {
		t.Error(err)
	}
}
