package planner

import (
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/assay-planner/assay/allocator"
)

// candidate is a hypothesis of the queue with all that tonight's choice needs.
type candidate struct {
	Hypothesis
	forecast Forecast
	designs  []Design          // the whole menu
	best     *Design           // the one worth most if it starts tonight and alone
	ways     []way             // the options given to the allocator, in its order
	requires []string          // ids that have neither ended nor run
	blocked  *unplannableError // why there are no ways
	promise  *promise          // what the plan before announced of it; nil: nothing
}

// way is one option: a design in a layer from a start week of the plan on.
type way struct {
	*Design
	segment, layer string
	slot
	value float64
}

// candidates values the queue. A hypothesis that cannot be tested at all stays
// in, without ways, so that it is given its reason.
func candidates(s Snapshot, m Model) ([]candidate, error) {
	var cs []candidate
	surroundings := s.around()
	for _, h := range s.queue() {
		c, err := surroundings.candidate(h, m)
		if err != nil {
			return nil, err
		}
		cs = append(cs, c)
	}
	breakCircles(cs)
	for i := range cs {
		cs[i].findPromise()
	}
	return cs, nil
}

func (a around) candidate(h Hypothesis, m Model) (candidate, error) {
	c := candidate{Hypothesis: h}
	var err error
	if c.forecast, err = m.forecast(h); err != nil && !errors.As(err, &c.blocked) {
		return c, err
	}
	designs, err := m.designs(h) // with the same error, if there is no forecast
	if errors.As(err, &c.blocked) {
		return c, nil
	} else if err != nil {
		return c, err
	}
	c.designs, c.best = designs, m.Policy.best(designs)
	segment, _ := m.Policy.segment(h)
	c.ways = m.Policy.ways(a.weeks, h, segment, designs)
	if late := a.weeks.late(); a.filling && late > 0 {
		if designs, err = m.designsFrom(h, late); err != nil {
			return c, err
		}
		c.ways = append(c.ways, m.Policy.lateWays(a.weeks, h, segment, designs)...)
	}
	a.promised(&c, segment, m.Policy)
	c.ways, c.requires, c.blocked = a.possible(h, c.ways)
	return c, nil
}

// best returns the design that is worth most tonight; the first of equals.
func (p Policy) best(designs []Design) *Design {
	best := designs[0]
	for _, d := range designs {
		if p.value(d, 0) > p.value(best, 0) {
			best = d
		}
	}
	return &best
}

// ways combines undominated designs with layers and start weeks. Ways that are
// worth nothing are left out, since doing nothing is worth as much; if that
// leaves none, the best of them stays, so that its price can be told.
func (p Policy) ways(c calendar, h Hypothesis, s Segment, designs []Design) []way {
	if all := p.combine(c, h, s, p.undominated(designs), 0); len(all) > 0 {
		return all
	}
	d := p.best(designs)
	l := s.layersFor(h.Component)[0]
	return []way{{p.in(d, h, s, l), s.Name, l.Name, c.slot(c.at, d.Weeks), p.value(*d, 0)}}
}

// combine lists every design in every layer, from every start week on from which
// it ends within the horizon, that is worth more than floor. A test that outlived
// the horizon would take its last weeks for free, and the plan would put off
// what it should start.
func (p Policy) combine(c calendar, h Hypothesis, s Segment, designs []Design, floor float64) []way {
	var all []way
	for i := range designs {
		for _, l := range s.layersFor(h.Component) {
			d := p.in(&designs[i], h, s, l)
			for k := range c.weeks - designs[i].Weeks + 1 {
				at := c.slot(c.begin(k), designs[i].Weeks)
				if v := p.value(designs[i], at.wait); v > floor && at.end() <= c.weeks {
					all = append(all, way{d, s.Name, l.Name, at, v})
				}
			}
		}
	}
	return all
}

// lateWays lists the designs that begin tonight, within a week, and end with one, in every
// layer: they take no more weeks of a capacity than they have.
func (p Policy) lateWays(c calendar, h Hypothesis, s Segment, designs []Design) []way {
	var all []way
	designs = p.undominated(designs)
	for i := range designs {
		at := slot{0, designs[i].Weeks, c.at, 0}
		for _, l := range s.layersFor(h.Component) {
			if v := p.value(designs[i], 0); v > 0 && at.end() <= c.weeks {
				all = append(all, way{p.in(&designs[i], h, s, l), s.Name, l.Name, at, v})
			}
		}
	}
	return all
}

// around is what a candidate meets: the work that runs, and that has ended.
type around struct {
	Snapshot
	running []Start
	ended   map[string]bool
	weeks   calendar
}

func (s Snapshot) around() around { return around{s, s.running(), s.ended(), s.calendar()} }

// possible drops the ways that running work forbids: those that begin before a
// running prerequisite ends, and those that would meet a running conflict on
// the same users, which only another layer of the same segment can do. It
// returns the prerequisites that are left to the allocator.
func (a around) possible(h Hypothesis, ways []way) ([]way, []string, *unplannableError) {
	requires := keep(h.Requires, func(id string) bool { return !a.ended[id] })
	for _, r := range a.running {
		needed := slices.Contains(requires, r.Hypothesis)
		clash := a.conflict(h, r.Hypothesis)
		requires = slices.DeleteFunc(requires, func(id string) bool { return id == r.Hypothesis })
		ways = keep(ways, func(w way) bool {
			early := w.from.Before(r.Until)
			return !early || !needed && !(clash && w.segment == r.Segment && w.layer != r.Layer)
		})
		if len(ways) == 0 {
			return nil, requires, heldUp(r, needed)
		}
	}
	return ways, requires, nil
}

func heldUp(r Start, needed bool) *unplannableError {
	if needed {
		return unplannable("prerequisite", "waits for %s, which runs until %s", r.Hypothesis, day(r.Until))
	}
	return unplannable("conflict", "must not meet %s on the same users, and that runs in %s until %s",
		r.Hypothesis, LayerKey(r.Segment, r.Layer), day(r.Until))
}

// conflict tells whether either of the two names the other.
func (a around) conflict(h Hypothesis, id string) bool {
	if slices.Contains(h.Conflicts, id) {
		return true
	}
	i, ok := slices.BinarySearchFunc(a.Hypotheses, id, func(o Hypothesis, id string) int { return strings.Compare(o.ID, id) })
	return ok && slices.Contains(a.Hypotheses[i].Conflicts, h.ID)
}

// problem poses the night's question to the allocator: candidates in order of
// id, and the capacity that running work leaves free. A pool's capacity is
// rounded down and demand up, to whole hours.
func problem(s Snapshot, cs []candidate) allocator.Problem {
	weeks := s.calendar()
	p := allocator.Problem{Weeks: weeks.weeks, Pools: []allocator.Pool{}, Layers: []allocator.Layer{}}
	running := s.running()
	for _, q := range s.Policy.Pools {
		free := heldHours(running, q.Name, weeks)
		for k, held := range free {
			free[k] = max(0, int64(math.Floor(q.GPUHours))-held)
		}
		p.Pools = append(p.Pools, allocator.Pool{Name: q.Name, GPUHours: free})
	}
	for _, segment := range s.Policy.Segments {
		for _, l := range segment.Layers {
			part := segment.partition(l)
			p.Layers = append(p.Layers, allocator.Layer{Segment: segment.Name, Name: l.Name, Buckets: part.Buckets, Held: s.holds(part)})
		}
	}
	for _, c := range cs {
		p.Candidates = append(p.Candidates, c.asked())
	}
	p.Quotas = s.quotas()
	return p
}

func (c candidate) asked() allocator.Candidate {
	a := allocator.Candidate{ID: c.ID, Conflicts: c.Conflicts, Requires: c.requires, Groups: c.groups()}
	for i, w := range c.ways {
		a.Options = append(a.Options, w.option())
		a.Options[i].Value += c.bonus(i)
	}
	return a
}

func (w way) option() allocator.Option {
	o := allocator.Option{Design: w.Name, Start: w.week, Weeks: w.rows, Value: w.value,
		Segment: w.segment, Layer: w.layer, Buckets: w.Buckets, Cool: w.CoolDown}
	if w.Pool != "" {
		hours := make([]int64, len(w.hours()))
		for k, h := range w.hours() {
			hours[k] = int64(h)
		}
		o.Compute = []allocator.Compute{{Pool: w.Pool, GPUHours: hours}}
	}
	return o
}
