package planner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assay-planner/assay/history"
)

// Backlog returns every hypothesis: those of the plan in force by rank, then
// those that arrived after it, then what runs, has run, or was withdrawn.
func (p *Planner) Backlog(ctx context.Context) ([]Row, error) {
	hs, err := p.registry.Hypotheses(ctx)
	if err != nil {
		return nil, err
	}
	d, err := p.desk(ctx, hs...)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, 0, len(hs))
	for _, h := range hs {
		rows = append(rows, d.row(h))
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.place(), b.place()), cmp.Compare(a.Rank, b.Rank),
			a.Submitted.Compare(b.Submitted), strings.Compare(a.ID, b.ID))
	})
	return rows, nil
}

func (r Row) place() int {
	switch {
	case r.Rank > 0:
		return 0
	case r.Status == Queued:
		return 1
	}
	return 2
}

// Hypothesis returns one row of the backlog, or ErrNotFound.
func (p *Planner) Hypothesis(ctx context.Context, id string) (Row, error) {
	h, d, err := p.deskOf(ctx, id)
	if err != nil {
		return Row{}, err
	}
	return d.row(h), nil
}

// desk is what a row is written from: the plan in force, what was started, and
// which of that has come back.
type desk struct {
	now      time.Time
	plan     Plan // zero if there is none
	model    Model
	entries  map[string]Entry
	free     map[capacity]float64 // what running work leaves to the plan
	started  map[string]Start
	measured map[string]bool // by experiment
}

// deskOf is a hypothesis and its desk.
func (p *Planner) deskOf(ctx context.Context, id string) (Hypothesis, desk, error) {
	h, err := p.registry.Hypothesis(ctx, id)
	if err != nil {
		return h, desk{}, err
	}
	d, err := p.desk(ctx, h)
	return h, d, err
}

// desk is that of some hypotheses.
func (p *Planner) desk(ctx context.Context, hs ...Hypothesis) (desk, error) {
	plan, err := p.registry.CurrentPlan(ctx)
	if err != nil && !errors.Is(err, ErrNoPlan) {
		return desk{}, err
	}
	d := desk{now: p.now().UTC(), plan: plan, model: plan.model(p.policy), entries: map[string]Entry{}, free: map[capacity]float64{}, started: map[string]Start{}}
	for _, e := range plan.Entries {
		d.entries[e.Hypothesis] = e
	}
	for _, u := range plan.Uses {
		d.free[capacity{u.Unit, u.Name, u.Week}] = u.Capacity - u.Held
	}
	if plan.At.After(d.now) { // planned ahead: its night is the present
		d.now = plan.At
	}
	starts, err := p.registry.Starts(ctx, d.now.Add(time.Nanosecond))
	if err != nil {
		return desk{}, err
	}
	starts = cutShort(starts, hs)
	for _, s := range starts {
		d.started[s.Hypothesis] = s
	}
	d.measured, err = p.measured(ctx, d.now, starts)
	return d, err
}

// measured tells which experiments have outcomes. It asks the history only if
// a test has ended.
func (p *Planner) measured(ctx context.Context, now time.Time, starts []Start) (map[string]bool, error) {
	ids := map[string]bool{}
	if !slices.ContainsFunc(starts, func(s Start) bool { return !s.Until.After(now) }) {
		return ids, nil
	}
	effects, err := p.history.Effects(ctx, history.EffectQuery{AsOf: now})
	if err != nil {
		return nil, fmt.Errorf("read outcomes: %w", err)
	}
	for _, e := range effects {
		ids[e.Experiment] = true
	}
	return ids, nil
}

// row says where a hypothesis stands now.
func (d desk) row(h Hypothesis) Row {
	r := Row{Hypothesis: h}
	e, planned := d.entries[h.ID]
	if planned {
		r.Rank, r.Value = e.Rank, e.Value
	} else if designs, err := d.model.designs(h); err == nil {
		best := d.model.Policy.best(designs)
		r.Value = d.model.Policy.value(*best, 0)
	}
	if planned && e.Forecast.SD > 0 {
		r.Forecast = &e.Forecast
	} else if f, err := d.model.forecast(h); err == nil {
		r.Forecast = &f
	}
	start, started := d.started[h.ID]
	switch {
	case h.Withdrawn != nil:
		r.Status, r.Reason = Withdrawn, "withdrawn on "+day(*h.Withdrawn)
		r.Rank = 0
	case started:
		r.Start = &start
		r.Status, r.Reason = d.progress(h, start, e.Reason)
	case planned:
		r.Status, r.Start, r.Reason = e.Status, e.Start, e.Reason
	default:
		r.Status, r.Reason = Queued, d.arrived()
	}
	return r
}

// progress tells how far a started test is. For the day on which it was decided
// it is starting.
func (d desk) progress(h Hypothesis, s Start, reason string) (Status, string) {
	place, ended := LayerKey(s.Segment, s.Layer), "ended on "+day(s.Until)
	if st := h.Stopped; st != nil && st.At.Equal(s.Until) {
		ended = "was stopped early on " + day(s.Until)
		if st.Reason != "" {
			ended += " (" + st.Reason + ")"
		}
	}
	switch {
	case !d.now.Before(s.Until) && d.measured[s.Experiment]:
		return Measured, fmt.Sprintf("%s; its outcomes are in the history as experiment %s", ended, s.Experiment)
	case !d.now.Before(s.Until):
		return Finished, fmt.Sprintf("%s; waits for its outcomes to be imported as experiment %s", ended, s.Experiment)
	case d.now.Before(s.From.Add(24*time.Hour)) && reason != "":
		return Starting, reason
	case d.now.Before(s.From.Add(24 * time.Hour)):
		return Starting, fmt.Sprintf("started on %s in %s as experiment %s", day(s.From), place, s.Experiment)
	}
	return Running, fmt.Sprintf("runs in %s as experiment %s until %s", place, s.Experiment, day(s.Until))
}

func (d desk) arrived() string {
	if d.plan.ID == "" {
		return "waits for the first plan"
	}
	return fmt.Sprintf("arrived after the plan of %s; the next plan considers it", d.plan.ID)
}
