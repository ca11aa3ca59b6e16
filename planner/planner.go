package planner

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/assay-planner/assay/allocator/mip"
	"github.com/assay-planner/assay/history"
)

// History is what a Planner reads of past experiments. history.History is one.
type History interface {
	// Effects returns the effects of experiments that ended by q.AsOf.
	Effects(ctx context.Context, q history.EffectQuery) ([]history.Effect, error)
	// Noise returns how much users vary, learnt from the same experiments.
	Noise(ctx context.Context, asOf time.Time) ([]history.Noise, error)
}

// Planner is the Service on this machine. It is safe for use by many
// goroutines; plans are made one at a time.
type Planner struct {
	registry Registry
	history  History
	policy   Policy
	now      func() time.Time
	turn     chan struct{} // holds a token while a plan is being made
	library  library       // what is known of ideas, for those like one

	// Exact proves, or nearly so, what a small night leaves open, and a larger one with a time
	// limit; nil: our own branch and bound, which does it for the smallest.
	Exact mip.Solver
}

var _ Service = (*Planner)(nil)

// New returns a planner over a registry, which it does not close, and a
// history. The policy must have passed its Check.
func New(reg Registry, hist History, policy Policy, now func() time.Time) *Planner {
	return &Planner{registry: reg, history: hist, policy: policy, now: now, turn: make(chan struct{}, 1)}
}

// clock is the time to the second, as plans and submissions are stamped: what
// was submitted in the second of a plan is seen by it.
func (p *Planner) clock() time.Time { return p.now().UTC().Truncate(time.Second) }

// Submit normalizes, checks and stamps the drafts, and stores all or none. A
// draft may carry the date of its idea, as an import from another tool does; a
// date that is yet to come becomes now. The receipt of an idea that was had before
// says so.
func (p *Planner) Submit(ctx context.Context, drafts []Hypothesis) ([]Receipt, error) {
	now := p.clock()
	hs := make([]Hypothesis, len(drafts))
	var bad DraftErrors
	for i, d := range drafts {
		h := d.Normalize()
		if fields := h.Validate(p.policy); len(fields) > 0 {
			bad = append(bad, DraftError{Index: i, ID: h.ID, Fields: fields})
		}
		h.Withdrawn, h.Stopped = nil, nil
		if h.Submitted = h.Submitted.UTC().Truncate(time.Second); h.Submitted.IsZero() || h.Submitted.After(now) {
			h.Submitted = now
		}
		hs[i] = h
	}
	if len(bad) > 0 {
		return nil, bad
	}
	receipts, err := p.registry.Add(ctx, hs)
	if err == nil {
		p.warn(ctx, hs, receipts)
	}
	return receipts, err
}

// Withdraw takes an idea back; if its test runs, its capacity is free for the
// next plan.
func (p *Planner) Withdraw(ctx context.Context, id string) (Row, error) {
	if _, err := p.registry.Withdraw(ctx, id, p.clock()); err != nil {
		return Row{}, err
	}
	return p.Hypothesis(ctx, id)
}

// CurrentPlan returns the plan in force, or ErrNoPlan.
func (p *Planner) CurrentPlan(ctx context.Context) (Plan, error) {
	return p.registry.CurrentPlan(ctx)
}

// Plan makes a plan, one at a time; unless it is a dry run it comes into force.
func (p *Planner) Plan(ctx context.Context, r PlanRequest) (Plan, error) {
	done, err := p.begin(ctx)
	if err != nil {
		return Plan{}, err
	}
	defer done()
	if err := r.check(); err != nil {
		return Plan{}, err
	}
	now := p.clock()
	switch {
	case !r.At.IsZero():
		r.At = r.At.UTC().Truncate(time.Second)
	case r.Backfill:
		r.At = now
	default:
		r.seen = now
		if r.At, err = p.nightOf(ctx, now); err != nil {
			return Plan{}, err
		}
	}
	if r.Progress == nil {
		r.Progress = func(string, float64) {}
	}
	r.exact = p.Exact
	return p.plan(ctx, r)
}

// begin waits for the turn to give capacity away; done ends it.
func (p *Planner) begin(ctx context.Context) (done func(), err error) {
	select {
	case p.turn <- struct{}{}:
		return func() { <-p.turn }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the plan that is being made: %w", ctx.Err())
	}
}

// check refuses limits that cannot be meant.
func (r PlanRequest) check() error {
	switch {
	case r.TimeLimit < 0:
		return fmt.Errorf("%w: the time limit is %s; it must not be negative", ErrRequest, r.TimeLimit)
	case !(r.Gap >= 0) || math.IsInf(r.Gap, 0):
		return fmt.Errorf("%w: the gap is %g; it must be a fraction, 0 or more", ErrRequest, r.Gap)
	}
	return nil
}

// plan makes the plan for r.At.
func (p *Planner) plan(ctx context.Context, r PlanRequest) (Plan, error) {
	at, dry, progress := r.At, r.DryRun, r.Progress
	if !dry && at.After(p.clock().AddDate(1, 0, 0)) {
		return Plan{}, fmt.Errorf("plan %s: %w", night(at), ErrFarAhead)
	}
	if !dry {
		// SavePlan checks again; asking first saves the work of a plan in vain.
		current, err := p.registry.CurrentPlan(ctx)
		if err == nil && current.At.After(at) {
			return Plan{}, fmt.Errorf("plan %s: %w: %s", night(at), ErrLaterPlan, current.ID)
		}
		if err != nil && !errors.Is(err, ErrNoPlan) {
			return Plan{}, err
		}
	}
	if r.Backfill {
		current, err := p.registry.PlanBefore(ctx, at)
		if err != nil {
			return Plan{}, err
		}
		r.from = &current
	}
	progress("mining past effects", 0)
	s, err := p.snapshot(ctx, at, func(done, all int) {
		progress(fmt.Sprintf("mining past effects: %d of %d experiments that have changed", done, all), 0.1*float64(done)/float64(all))
	})
	if err != nil {
		return Plan{}, err
	}
	s.seen = r.seen
	plan, err := decide(ctx, s, r)
	if err != nil || dry {
		return plan, err
	}
	progress("saving", 0.95)
	if err := p.registry.SavePlan(ctx, plan); err != nil {
		return Plan{}, err
	}
	progress("done", 1)
	return plan, nil
}

// Snapshot loads all that a plan for the time may depend on: what Make takes.
func (p *Planner) Snapshot(ctx context.Context, at time.Time) (Snapshot, error) {
	return p.snapshot(ctx, at.UTC().Truncate(time.Second), nil)
}

func (p *Planner) snapshot(ctx context.Context, at time.Time, mined func(done, all int)) (Snapshot, error) {
	s, err := p.registered(ctx, at)
	if err != nil {
		return s, err
	}
	if s.Effects, err = p.history.Effects(ctx, history.EffectQuery{AsOf: at, Progress: mined}); err != nil {
		return s, fmt.Errorf("read effects: %w", err)
	}
	if s.Noise, err = p.history.Noise(ctx, at); err != nil {
		return s, fmt.Errorf("read noise: %w", err)
	}
	return s, nil
}

// registered is a snapshot without the past.
func (p *Planner) registered(ctx context.Context, at time.Time) (Snapshot, error) {
	s := Snapshot{At: at, Policy: p.policy}
	var err error
	if s.Hypotheses, err = p.registry.Hypotheses(ctx); err != nil {
		return s, err
	}
	if s.Starts, err = p.registry.Starts(ctx, at); err != nil {
		return s, err
	}
	before, err := p.registry.PlanBefore(ctx, at)
	if errors.Is(err, ErrNoPlan) {
		return s, nil
	}
	s.Announced = before.Announcement()
	return s, err
}
