package planner_test

import (
	"slices"
	"testing"
	"time"

	"github.com/assay-planner/assay/planner"
)

// A job of the night that gets to its plan sooner or later than the week before starts what
// was announced for then, at its time; and knows what was submitted just before.
func TestDue(t *testing.T) {
	for _, off := range []time.Duration{0, 3 * time.Second, -3 * time.Second, 40 * time.Minute, -40 * time.Minute, time.Hour, -time.Hour} {
		h := open(t)
		h.submit(t, "a", "b", "c", "d", "e", "f")
		h.plan(t, planner.PlanRequest{})
		for night := range 2 {
			want := tonight.AddDate(0, 0, 7*night+7)
			*h.now = want.Add(off)
			h.submit(t, "new"+string(rune('1'+night)))
			p := h.plan(t, planner.PlanRequest{})
			if !p.At.Equal(want) || len(p.Firm()) != 2 || p.Stability.Kept != p.Stability.Announced || len(p.Running) > 0 {
				t.Errorf("%s off: the plan of %s starts %d, keeps %+v", off, p.At, len(p.Firm()), p.Stability)
			}
			if late := h.row(t, "new"+string(rune('1'+night))); late.Rank == 0 {
				t.Errorf("%s off: %s", off, late.Reason)
			}
			if again := h.plan(t, planner.PlanRequest{DryRun: true}); off <= 0 && !again.At.Equal(want) {
				t.Errorf("%s off: again it is of %s", off, again.At)
			}
		}
	}
}

// Nothing is announced, and what runs ends in a moment: the plan is of then.
func TestDueWhenAllHasEnded(t *testing.T) {
	h := open(t)
	h.submit(t, "a", "b")
	ends := h.plan(t, planner.PlanRequest{}).Firm()[0].Until
	h.submit(t, "c")
	*h.now = ends.Add(-time.Minute)
	if p := h.plan(t, planner.PlanRequest{DryRun: true}); !p.At.Equal(ends) || len(p.Firm()) != 1 {
		t.Errorf("the plan of %s starts %d", p.At, len(p.Firm()))
	}
	*h.now = ends.Add(time.Minute)
	if p := h.plan(t, planner.PlanRequest{DryRun: true}); !p.At.Equal(*h.now) {
		t.Errorf("the plan of %s", p.At)
	}
}

// A time that was named is meant; one that is too far off, a backfill, and a night since which
// something has been withdrawn are of now.
func TestNotDue(t *testing.T) {
	h := open(t)
	h.submit(t, "a", "b", "c", "d", "e")
	h.plan(t, planner.PlanRequest{})
	want := tonight.AddDate(0, 0, 7)
	for _, r := range []planner.PlanRequest{{At: want.Add(time.Minute), DryRun: true}, {Backfill: true, DryRun: true}} {
		*h.now = want.Add(time.Minute)
		if p := h.plan(t, r); !p.At.Equal(*h.now) {
			t.Errorf("%+v: the plan of %s", r, p.At)
		}
	}
	*h.now = want.Add(2*time.Hour + time.Second)
	if p := h.plan(t, planner.PlanRequest{DryRun: true}); !p.At.Equal(*h.now) {
		t.Errorf("too late: the plan of %s", p.At)
	}
}

// An idea that was withdrawn since is not in the plan; where that ended a test, or it was
// stopped, the plan is of now.
func TestDueAfterAnEnd(t *testing.T) {
	for what, end := range map[string]func(h house, runs, waits string) (planner.Row, error){
		"waits": func(h house, _, waits string) (planner.Row, error) { return h.Withdraw(t.Context(), waits) },
		"gone":  func(h house, runs, _ string) (planner.Row, error) { return h.Withdraw(t.Context(), runs) },
		"stop": func(h house, runs, _ string) (planner.Row, error) {
			return h.Stop(t.Context(), runs, planner.Stop{})
		},
	} {
		rules := policy()
		rules.Designs = planner.Menu{Shares: []float64{0.5}, Weeks: []int{2}}
		h := openUnder(t, rules)
		h.submit(t, "a", "b", "c", "d", "e", "f")
		p := h.plan(t, planner.PlanRequest{})
		first := p.Announcement().Starts[0]
		*h.now = first.From.Add(time.Minute)
		if _, err := end(h, p.Firm()[0].Hypothesis, first.Hypothesis); err != nil {
			t.Fatal(err)
		}
		p = h.plan(t, planner.PlanRequest{})
		if want := what == "waits"; p.At.Equal(first.From) != want || !want && !p.At.Equal(*h.now) {
			t.Errorf("%s: the plan of %s, made at %s", what, p.At, *h.now)
		}
		if slices.ContainsFunc(p.Entries, func(e planner.Entry) bool { return h.row(t, e.Hypothesis).Withdrawn != nil }) {
			t.Errorf("%s: the plan has what is withdrawn", what)
		}
	}
}
