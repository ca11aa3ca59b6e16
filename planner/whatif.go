package planner

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/assay-planner/assay/allocator"
)

// WhatIfRequest asks what the plan in force would be if something were otherwise.
type WhatIfRequest struct {
	Set       []string // KEY=VALUE, see Setting
	TimeLimit time.Duration
	Gap       float64
}

// WhatIf is the difference to the plan in force. Nothing of it is stored.
type WhatIf struct {
	Plan     string        `json:"plan"` // in force
	At       time.Time     `json:"at"`
	Currency string        `json:"currency"`
	Set      []Setting     `json:"set"`
	Was      Worth         `json:"was"`
	Now      Worth         `json:"now"`
	In       []Difference  `json:"in"`     // tests that come in, most valuable first
	Out      []Difference  `json:"out"`    // tests that go out, the same
	Moved    []Difference  `json:"moved"`  // tests with another design, place or start
	Prices   []PriceChange `json:"prices"` // those that change by more than a hundredth
	// Changed says that the policy or the backlog is not what the plan was made from, and
	// that the difference comes from that as well.
	Changed bool `json:"changed,omitempty"`
}

// Worth is what a plan comes to.
type Worth struct {
	Value float64 `json:"value"`
	Bound float64 `json:"bound"`
	Gap   float64 `json:"gap"`
	Tests int     `json:"tests"`
	Cut   bool    `json:"cut,omitempty"`
}

// Difference is one test in the two plans.
type Difference struct {
	Hypothesis string `json:"hypothesis"`
	Title      string `json:"title"`
	Was        *Place `json:"was,omitempty"`
	Now        *Place `json:"now,omitempty"`
	Reason     string `json:"reason"` // why it is where it would be
}

// PriceChange is what one more unit of a capacity, in every week, is worth.
type PriceChange struct {
	Name string  `json:"name"`
	Unit string  `json:"unit"`
	Was  float64 `json:"was"`
	Now  float64 `json:"now"`
}

// WhatIf makes tonight's plan again with other settings. It begins at the prices and the
// choices of the plan in force, and forecasts as that did.
func (p *Planner) WhatIf(ctx context.Context, r WhatIfRequest) (WhatIf, error) {
	limits := PlanRequest{TimeLimit: r.TimeLimit, Gap: r.Gap, exact: p.Exact}
	if err := limits.check(); err != nil {
		return WhatIf{}, err
	}
	plan, s, err := p.tonight(ctx)
	if err != nil {
		return WhatIf{}, err
	}
	sc, set, err := p.policy.settings(r.Set, s.Hypotheses)
	if err != nil {
		return WhatIf{}, err
	}
	was, err := candidates(s, plan.model(p.policy))
	if err != nil {
		return WhatIf{}, err
	}
	limited, cancel := limit(ctx, limits)
	defer cancel()
	now, err := s.otherwise(limited, plan, sc, limits)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return WhatIf{}, err
	}
	w := difference(plan, now)
	w.Set, w.Changed = set, !remade(plan, was, s.running())
	return w, nil
}

// tonight is the plan in force with what it was made from, but for the past: its beliefs
// are the plan's own.
func (p *Planner) tonight(ctx context.Context) (Plan, Snapshot, error) {
	plan, err := p.registry.CurrentPlan(ctx)
	if err != nil {
		return plan, Snapshot{}, err
	}
	s, err := p.registered(ctx, plan.At)
	s.rests, s.filling = plan.Resting, plan.Backfill != nil
	return plan, s.asOf(), err
}

// otherwise is a plan made again.
func (s Snapshot) otherwise(ctx context.Context, plan Plan, sc scenario, r PlanRequest) (Plan, error) {
	m := plan.model(sc.policy)
	s.Policy = sc.policy
	if err := s.check(); err != nil {
		return Plan{}, fmt.Errorf("%w: %w", ErrRequest, err)
	}
	cs, err := candidates(s, m)
	if err != nil {
		return Plan{}, err
	}
	for i := range cs {
		if factor, given := sc.gains[cs[i].ID]; given {
			cs[i].gain(factor, m.Policy)
		}
	}
	if s.filling {
		cs = onlyTonight(cs) // as the plan was made, see fill
	}
	former := plan.solution(cs)
	firm := promises{}
	switch {
	case s.filling:
		firm = keepable(cs)
	case s.Announced != nil && s.calendar().begin(s.Policy.HorizonWeeks).After(s.Announced.Until):
		firm = keptIn(cs, former) // see settle
	}
	near := sticky(firm.firm(cs), former)
	solution, err := solve(ctx, s, near, r, &former)
	if err == nil && len(firm) > 0 {
		solution, err = reprice(ctx, s, cs, r, solution)
	}
	if err != nil {
		return Plan{}, err
	}
	for id := range keptIn(near, former) { // the bound is to hold for plans that move them, too
		solution.Bound += stickiness * math.Max(0, valueOf(former, id))
	}
	if solution.Value > 0 {
		solution.Gap = solution.Bound/solution.Value - 1
	}
	return assemble(s, m, cs, solution, nil)
}

// stickiness is the share of its value by which a test is worth more where it is: what
// gains less by a move is no difference that anybody asks about.
const stickiness = 0.001

// sticky makes every choice of a plan worth a little more.
func sticky(cs []candidate, former allocator.Plan) []candidate {
	cs = slices.Clone(cs)
	of := byCandidate(former)
	for i, c := range cs {
		v := of[c.ID]
		if v.choice == nil {
			continue
		}
		at := v.choice.Option
		p := promise{index: at, way: &c.ways[at], cost: math.Max(0, stickiness*c.ways[at].value)}
		if c.promise != nil && c.promise.index >= 0 {
			if c.promise.index != at {
				continue
			}
			p.Start, p.cost = c.promise.Start, p.cost+c.promise.cost
		}
		cs[i].promise = &p
	}
	return cs
}

// valueOf is what a plan has a candidate's choice at.
func valueOf(p allocator.Plan, id string) float64 {
	c, _ := find(p.Choices, func(c allocator.Choice) bool { return c.Candidate == id })
	return c.Value
}

// gain multiplies the gain of every way.
func (c *candidate) gain(factor float64, p Policy) {
	c.ways = slices.Clone(c.ways)
	for i, w := range c.ways {
		d := *w.Design
		d.Gain *= factor
		c.ways[i].Design, c.ways[i].value = &d, p.value(d, w.wait)
	}
	if c.best != nil {
		best := *c.best
		best.Gain *= factor
		c.best = &best
	}
	if c.promise != nil && c.promise.index >= 0 {
		promise := *c.promise
		promise.cost = math.Max(0, p.changeCost()*c.ways[promise.index].value)
		c.promise = &promise
	}
}

// solution is a plan as the allocator had it: its prices, and its choices among what
// candidates have now.
func (p Plan) solution(cs []candidate) allocator.Plan {
	f := allocator.Plan{}
	for _, u := range p.Uses {
		f.Prices = append(f.Prices, allocator.Price{Name: u.Name, Unit: u.Unit, Week: u.Week, Price: u.Price})
	}
	for _, q := range p.Quotas {
		f.Quotas = append(f.Quotas, allocator.Share{Group: q.Group(), Unit: q.Unit, Price: q.Price, Cost: q.Cost})
	}
	weeks, of := p.calendar(), map[string]candidate{}
	for _, c := range cs {
		of[c.ID] = c
	}
	for _, e := range p.Entries {
		if e.Start == nil {
			continue
		}
		w := e.Start.way(weeks)
		if i := slices.IndexFunc(of[e.Hypothesis].ways, w.same); i >= 0 {
			o := of[e.Hypothesis].ways[i].option()
			f.Choices = append(f.Choices, allocator.Choice{Candidate: e.Hypothesis, Option: i, Design: o.Design,
				Start: o.Start, Weeks: o.Weeks, Value: o.Value, Segment: o.Segment, Layer: o.Layer})
		}
	}
	return f
}

// remade tells whether candidates, and what runs, are those that a plan was made from: its
// choices are among them, at the same value.
func remade(p Plan, cs []candidate, running []Start) bool {
	same := func(a, b Start) bool { return a.Experiment == b.Experiment && a.Until.Equal(b.Until) }
	if len(cs) != len(p.Entries) || !slices.EqualFunc(running, p.Running, same) {
		return false
	}
	value := 0.0
	for _, c := range p.solution(cs).Choices {
		value += c.Value
	}
	return math.Abs(value-p.Value) <= 1e-9*math.Abs(p.Value)
}

// difference tells what comes in, goes out and moves, and what prices become.
func difference(was, now Plan) WhatIf {
	w := WhatIf{Plan: was.ID, At: was.At, Currency: was.Currency, Was: was.worth(), Now: now.worth(),
		In: []Difference{}, Out: []Difference{}, Moved: []Difference{}, Prices: []PriceChange{}}
	before := map[string]*Start{}
	for _, e := range was.Entries {
		before[e.Hypothesis] = e.Start
	}
	for _, e := range now.Entries {
		d := Difference{Hypothesis: e.Hypothesis, Title: e.Title, Was: before[e.Hypothesis].placed(), Now: e.Start.placed(), Reason: e.Reason}
		switch {
		case d.Was == nil && d.Now == nil:
		case d.Was == nil:
			w.In = append(w.In, d)
		case d.Now == nil:
			w.Out = append(w.Out, d)
		case !d.Was.same(*d.Now):
			w.Moved = append(w.Moved, d)
		}
	}
	for _, list := range [][]Difference{w.In, w.Out, w.Moved} {
		slices.SortFunc(list, func(a, b Difference) int {
			return cmp.Or(-cmp.Compare(a.value(), b.value()), strings.Compare(a.Hypothesis, b.Hypothesis))
		})
	}
	for _, u := range now.Uses {
		if u.Week > 0 {
			continue
		}
		c := PriceChange{u.Name, u.Unit, was.PriceEveryWeek(u.Unit, u.Name), now.PriceEveryWeek(u.Unit, u.Name)}
		if math.Abs(c.Now-c.Was) > 0.01*math.Max(c.Now, c.Was) {
			w.Prices = append(w.Prices, c)
		}
	}
	return w
}

func (p Plan) worth() Worth {
	w := Worth{Value: p.Value, Bound: p.Bound, Gap: p.Gap, Cut: p.Cut}
	for _, e := range p.Entries {
		if e.Start != nil {
			w.Tests++
		}
	}
	return w
}

func (s *Start) placed() *Place {
	if s == nil {
		return nil
	}
	p := s.place()
	return &p
}

// same tells whether two places are one, whatever a test there is worth.
func (p Place) same(o Place) bool {
	return p.Design == o.Design && p.Segment == o.Segment && p.Layer == o.Layer && p.From.Equal(o.From)
}

// value is that of the place that a test has or had.
func (d Difference) value() float64 {
	if d.Now != nil {
		return d.Now.Value
	}
	return d.Was.Value
}
