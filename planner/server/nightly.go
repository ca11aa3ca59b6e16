package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/assay-planner/assay/planner"
)

// nightly makes a plan at every scheduled time, one after the other. A run
// that fails leaves the plan in force as it is.
//
// The loop is our own and only the schedule is cron's: its runner has no way
// to learn which time a job was started for, and a plan is named after it.
type nightly struct {
	spec     string
	schedule cron.Schedule
	service  planner.Service
	as       func(context.Context) context.Context
	log      *slog.Logger
	catchUp  bool
	now      func() time.Time
	sleep    func(ctx context.Context, d time.Duration)

	mu   sync.Mutex
	last nightlyRun
	next time.Time
}

// nightlyRun is one run; a zero At means that there was none.
type nightlyRun struct {
	At      time.Time
	Running bool
	Err     error
}

// newNightly returns nil if no schedule is set.
func newNightly(c Config) (*nightly, error) {
	if c.Nightly == "" {
		return nil, nil
	}
	schedule, err := parseSchedule(c.Nightly, c.Now())
	if err != nil {
		return nil, fmt.Errorf("%w: nightly %q: %w", ErrConfig, c.Nightly, err)
	}
	as := func(ctx context.Context) context.Context { return c.Actor(ctx, "nightly") }
	return &nightly{spec: c.Nightly, schedule: schedule, service: c.Service, as: as, log: c.Log, catchUp: !c.NoCatchUp, now: c.Now, sleep: sleep}, nil
}

// parseSchedule takes five fields, or @daily and its like, in UTC. A time zone
// is refused: in most of them an hour is missing in spring and comes twice in
// autumn, and "@every" has no fixed time that a plan could be named after.
func parseSchedule(spec string, now time.Time) (cron.Schedule, error) {
	spec = strings.TrimSpace(spec)
	for _, no := range []string{"TZ=", "CRON_TZ=", "@every"} {
		if strings.HasPrefix(spec, no) {
			return nil, fmt.Errorf("%s is not taken: write a time of day in UTC, as \"0 2 * * *\"", no)
		}
	}
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		return nil, fmt.Errorf("%w; write, say, \"0 2 * * *\" for every night at 02:00 UTC", err)
	}
	if schedule.Next(now.UTC()).IsZero() {
		return nil, errors.New("there is no such day")
	}
	return schedule, nil
}

// run plans until ctx ends.
func (n *nightly) run(ctx context.Context) {
	if n == nil {
		return
	}
	if at, missed := n.missed(ctx); missed {
		n.log.InfoContext(ctx, "a nightly run was missed: planning now", "missed", at)
		n.plan(ctx, n.now().UTC(), planner.PlanRequest{}) // which starts what was due until lately
	}
	for ctx.Err() == nil {
		at := n.schedule.Next(n.now().UTC())
		n.note(func() { n.next = at })
		for n.now().Before(at) && ctx.Err() == nil {
			// Short sleeps: a machine that was suspended wakes up late.
			n.sleep(ctx, min(at.Sub(n.now()), time.Minute))
		}
		if ctx.Err() == nil {
			n.plan(ctx, at, planner.PlanRequest{At: at})
		}
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// missed reports whether a time of the schedule has passed since the plan in
// force was made. Before the first plan nothing was missed: there may be no
// history yet to plan from.
func (n *nightly) missed(ctx context.Context) (time.Time, bool) {
	if !n.catchUp {
		return time.Time{}, false
	}
	plan, err := n.service.CurrentPlan(ctx)
	if err != nil {
		return time.Time{}, false
	}
	at := n.schedule.Next(plan.At.UTC())
	return at, !at.After(n.now())
}

// plan makes one run. The service may panic on what nobody foresaw; the
// server and the nights to come outlive it.
func (n *nightly) plan(ctx context.Context, at time.Time, r planner.PlanRequest) {
	began := n.now()
	n.note(func() { n.last = nightlyRun{At: at, Running: true} })
	plan, err := n.make(ctx, r)
	n.note(func() { n.last = nightlyRun{At: at, Err: err} })
	if err != nil {
		n.log.ErrorContext(ctx, "nightly run failed; the plan in force stays", "at", at, "error", err)
		return
	}
	n.log.InfoContext(ctx, "nightly run done", "plan", plan.ID, "value", plan.Value, "gap", plan.Gap, "took", n.now().Sub(began))
}

func (n *nightly) make(ctx context.Context, r planner.PlanRequest) (plan planner.Plan, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return n.service.Plan(n.as(ctx), r)
}

func (n *nightly) note(f func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f()
}
