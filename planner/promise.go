package planner

import (
	"math"
	"slices"
	"time"

	"github.com/assay-planner/assay/allocator"
)

// Announcement is what a plan said of later weeks.
type Announcement struct {
	Plan   string    `json:"plan"` // its id
	At     time.Time `json:"at"`
	Until  time.Time `json:"until"` // the end of its weeks
	Starts []Start   `json:"starts"`
}

// Announcement is what the plan foresees; nil: nothing.
func (p Plan) Announcement() *Announcement {
	if all := p.announced(); len(all) > 0 {
		return &Announcement{p.ID, p.At, p.calendar().begin(p.Weeks), all}
	}
	return nil
}

// changeCost is the share of its value that a change of an announced start costs a plan.
func (p Policy) changeCost() float64 {
	if p.ChangeCost == nil {
		return 0.05
	}
	return *p.ChangeCost
}

// promise is a start that was announced, and the way that keeps it.
type promise struct {
	Start
	way   *way    // as it would be kept tonight; nil: the policy offers it no more
	index int     // of that way among the candidate's; −1: it cannot be kept
	cost  float64 // what the plan loses by a change; the way is worth so much more to the allocator
}

// promised adds the way that keeps what was announced of a candidate: the same design in
// the same layer at the same time. One whose time has passed cannot be kept.
func (a around) promised(c *candidate, s Segment, p Policy) {
	if a.Announced == nil {
		return
	}
	start, found := find(a.Announced.Starts, func(t Start) bool { return t.Hypothesis == c.ID })
	if !found {
		return
	}
	c.promise = &promise{Start: start, index: -1}
	d, offered := find(c.designs, func(d Design) bool { return d.Name == start.Design.Name })
	l, taken := find(s.layersFor(c.Component), func(l Layer) bool { return l.Name == start.Layer })
	if !offered || !taken || s.Name != start.Segment {
		return
	}
	from := start.From
	if from.Before(a.At) {
		return
	}
	at := a.weeks.slot(from, d.Weeks)
	w := way{p.in(&d, c.Hypothesis, s, l), s.Name, l.Name, at, p.value(d, at.wait)}
	c.promise.way = &w
	if w.value <= 0 || w.end() > a.weeks.weeks {
		return
	}
	c.promise.cost = p.changeCost() * w.value
	if !slices.ContainsFunc(c.ways, w.same) {
		c.ways = append(keep(c.ways, func(o way) bool { return o.value > 0 }), w)
	}
}

// findPromise looks for the way that keeps the promise among those that are possible.
func (c *candidate) findPromise() {
	if c.promise != nil {
		c.promise.index = -1
	}
	if c.promise != nil && c.promise.way != nil && c.promise.way.value > 0 {
		c.promise.index = slices.IndexFunc(c.ways, c.promise.way.same)
	}
}

// same tells whether two ways are one design at one place and time.
func (w way) same(o way) bool {
	return w.Name == o.Name && w.segment == o.segment && w.layer == o.layer && w.from.Equal(o.from)
}

// bonus is what a way is worth to the allocator beyond its value: that it keeps a promise.
func (c candidate) bonus(way int) float64 {
	if c.promise == nil || c.promise.index != way {
		return 0
	}
	return c.promise.cost
}

// promises are hypotheses whose announced starts a plan keeps.
type promises map[string]bool

// keepable are those that can be kept, each alone.
func keepable(cs []candidate) promises {
	ids := promises{}
	for _, c := range cs {
		if c.promise != nil && c.promise.index >= 0 {
			ids[c.ID] = true
		}
	}
	return ids
}

// keptIn are those that a solution keeps.
func keptIn(cs []candidate, solution allocator.Plan) promises {
	of, ids := byCandidate(solution), promises{}
	for _, c := range cs {
		if v := of[c.ID]; c.promise != nil && v.choice != nil && c.promise.index == v.choice.Option {
			ids[c.ID] = true
		}
	}
	return ids
}

// begin is a plan that keeps the promises, for the allocator to begin with.
func (ids promises) begin(cs []candidate) *allocator.Plan {
	p := &allocator.Plan{}
	for _, c := range cs {
		if ids[c.ID] {
			o := c.ways[c.promise.index].option()
			p.Choices = append(p.Choices, allocator.Choice{Candidate: c.ID, Option: c.promise.index, Design: o.Design,
				Start: o.Start, Weeks: o.Weeks, Segment: o.Segment, Layer: o.Layer})
		}
	}
	return p
}

// firm makes the promises worth more than all else together, so that no plan that breaks
// one is worth as much as any that keeps them all.
func (ids promises) firm(cs []candidate) []candidate {
	total := 1.0
	for _, c := range cs {
		best := 0.0
		for i, w := range c.ways {
			best = math.Max(best, w.value+c.bonus(i))
		}
		total += best
	}
	cs = slices.Clone(cs)
	for i, c := range cs {
		if ids[c.ID] {
			p := *c.promise
			p.cost = total
			cs[i].promise = &p
		}
	}
	return cs
}

// within is the candidates with those of their ways that end before a week of the plan.
func within(cs []candidate, end int) []candidate {
	cs = slices.Clone(cs)
	for i := range cs {
		cs[i].ways = keep(cs[i].ways, func(w way) bool { return w.end() <= end })
		if p := cs[i].promise; p != nil {
			again := *p
			cs[i].promise = &again
			cs[i].findPromise()
		}
	}
	return cs
}

// plain is a solution without what promises were worth on top. Its bound is what no plan
// that keeps as much of what was announced can exceed.
func plain(cs []candidate, solution allocator.Plan) allocator.Plan {
	if len(keepable(cs)) == 0 {
		return solution
	}
	of := make(map[string]candidate, len(cs))
	for _, c := range cs {
		of[c.ID] = c
	}
	left := math.Max(0, solution.Bound-solution.Value)
	solution.Choices, solution.Value = slices.Clone(solution.Choices), 0
	for i, choice := range solution.Choices {
		solution.Choices[i].Value = of[choice.Candidate].ways[choice.Option].value
		solution.Value += solution.Choices[i].Value
	}
	solution.Bound = solution.Value + left
	switch {
	case left == 0:
		solution.Gap = 0
	case solution.Value > 0:
		solution.Gap = left / solution.Value
	default:
		solution.Gap = allocator.Unproved
	}
	return solution
}
