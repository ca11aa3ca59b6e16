package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assay-planner/assay/planner"
)

// nights is a service that only plans, under a clock that only sleeping moves.
type nights struct {
	planner.Service
	mu   sync.Mutex
	now  time.Time
	plan planner.Plan
	ran  []time.Time
	fail func(at time.Time) error
}

func (n *nights) CurrentPlan(context.Context) (planner.Plan, error) {
	if n.plan.ID == "" {
		return planner.Plan{}, planner.ErrNoPlan
	}
	return n.plan, nil
}

func (n *nights) Plan(_ context.Context, r planner.PlanRequest) (planner.Plan, error) {
	n.ran = append(n.ran, r.At)
	if n.fail != nil {
		if err := n.fail(r.At); err != nil {
			return planner.Plan{}, err
		}
	}
	n.plan = planner.Plan{ID: r.At.Format(time.RFC3339), At: r.At}
	return n.plan, nil
}

func (n *nights) clock() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now
}

// run lives through a span of time and returns the nightly run as it stands.
func (n *nights) run(t *testing.T, spec string, span time.Duration) *nightly {
	t.Helper()
	run, err := newNightly(Config{Service: n, Nightly: spec, Now: n.clock, Log: slog.New(slog.DiscardHandler)}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	end := n.now.Add(span)
	run.sleep = func(_ context.Context, d time.Duration) {
		n.mu.Lock()
		defer n.mu.Unlock()
		if d > time.Minute || d <= 0 {
			t.Errorf("sleeps %s at once", d)
		}
		if n.now = n.now.Add(d); n.now.After(end) {
			cancel()
		}
	}
	run.run(ctx)
	return run
}

func at(day, hour, minute int) time.Time {
	return time.Date(2026, 3, day, hour, minute, 0, 0, time.UTC)
}

func TestNightlyRunsOnTime(t *testing.T) {
	// Late March: where clocks move there is no 02:30 on one of these nights.
	n := &nights{now: at(27, 12, 0), plan: planner.Plan{ID: "old", At: at(27, 2, 30)}}
	run := n.run(t, "30 2 * * *", 80*time.Hour)
	want := []time.Time{at(28, 2, 30), at(29, 2, 30), at(30, 2, 30)}
	if fmt.Sprint(n.ran) != fmt.Sprint(want) {
		t.Errorf("planned at %v, want %v", n.ran, want)
	}
	if s := run.status(true); !s.Last.Equal(want[2]) || !s.Next.Equal(at(31, 2, 30)) || s.Failed || s.Running {
		t.Errorf("status: %+v", s)
	}
	if none := run.notices(&n.plan, n.clock()); len(none) != 0 {
		t.Errorf("notices after a good night: %v", none)
	}
}

func TestNightlyFailureIsTold(t *testing.T) {
	n := &nights{now: at(1, 12, 0), plan: planner.Plan{ID: "old", At: at(1, 2, 0)}}
	n.fail = func(night time.Time) error {
		switch night.Day() {
		case 2:
			return errors.New("the history does not answer")
		case 3:
			panic("nobody foresaw this")
		}
		return nil
	}
	run := n.run(t, "0 2 * * *", 15*time.Hour) // one bad night
	s := run.status(true)
	if !s.Failed || s.Error != "the history does not answer" || n.plan.ID != "old" {
		t.Errorf("after a bad night: %+v, plan %s", s, n.plan.ID)
	}
	if hidden := run.status(false); !hidden.Failed || hidden.Error != "" {
		t.Errorf("strangers hear %+v", hidden)
	}
	notices := run.notices(&n.plan, n.clock())
	if len(notices) != 1 || !strings.HasPrefix(notices[0].Text, "Last night's run failed: the history does not answer.") {
		t.Errorf("notices: %v", notices)
	}
	byHand := planner.Plan{At: at(2, 9, 0)}
	if notices := run.notices(&byHand, at(2, 10, 0)); len(notices) != 0 {
		t.Errorf("a plan made by hand since then mends it, but: %v", notices)
	}
	n.plan = byHand
	n.plan.ID = "by hand"
	n.ran = nil
	run = n.run(t, "0 2 * * *", 48*time.Hour) // a panic, then a good night
	if got := fmt.Sprint(n.ran); got != fmt.Sprint([]time.Time{at(3, 2, 0), at(4, 2, 0)}) || run.status(true).Failed {
		t.Errorf("after a panic: planned at %s, %+v", got, run.status(true))
	}
}

func TestMissedNightIsMadeUpFor(t *testing.T) {
	old := planner.Plan{ID: "old", At: at(1, 2, 0)}
	for _, c := range []struct {
		name  string
		plan  planner.Plan
		now   time.Time
		spare bool
		want  int
	}{
		{"plan is tonight's", planner.Plan{ID: "new", At: at(5, 2, 0)}, at(5, 9, 0), false, 0},
		{"plan is three days old", old, at(4, 9, 30), false, 1},
		{"the run is due now", old, at(2, 2, 0), false, 1},
		{"not wanted", old, at(4, 9, 30), true, 0},
		{"no plan yet", planner.Plan{}, at(4, 9, 30), false, 0},
	} {
		n := &nights{now: c.now, plan: c.plan}
		run, err := newNightly(Config{Service: n, Nightly: "0 2 * * *", Now: n.clock, NoCatchUp: c.spare, Log: slog.New(slog.DiscardHandler)}.withDefaults())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		run.sleep = func(context.Context, time.Duration) { cancel() }
		run.run(ctx)
		if len(n.ran) != c.want {
			t.Errorf("%s: planned at %v", c.name, n.ran)
		}
		if c.want == 1 && !n.ran[0].IsZero() {
			t.Errorf("%s: the plan is for %s; it must leave open whether it is of this moment or what was due", c.name, n.ran[0])
		}
		cancel()
	}
}

func TestStalePlanIsTold(t *testing.T) {
	n := &nights{now: at(4, 9, 0)}
	run, err := newNightly(Config{Service: n, Nightly: "0 2 * * *", Now: n.clock}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	old := planner.Plan{At: at(2, 2, 0)}
	if got := run.notices(&old, at(4, 9, 0)); len(got) != 1 || got[0].Text != "This plan is stale: a new one was due on 3 March at 02:00 UTC." {
		t.Errorf("notices: %v", got)
	}
	if got := run.notices(&old, at(3, 2, 30)); len(got) != 0 { // it may still be at work
		t.Errorf("notices half an hour after it was due: %v", got)
	}
	if got := run.notices(nil, at(4, 9, 0)); len(got) != 0 {
		t.Errorf("notices without a plan: %v", got)
	}
	run.last.Running = true
	if got := run.notices(&old, at(4, 9, 0)); len(got) != 1 || !strings.Contains(got[0].Text, "is being made") {
		t.Errorf("notices while it runs: %v", got)
	}
	var none *nightly
	if none.status(true) != nil || none.notices(&old, at(9, 9, 0)) != nil {
		t.Error("a server without nightly runs has something to say of them")
	}
	none.run(t.Context())
}
