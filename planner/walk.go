package planner

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/allocator/cohort"
)

// play walks the candidates in their order and gives each the first place that
// is left for it.
func (a arena) play(order []candidate, design string) PolicyResult {
	var r PolicyResult
	b := newBook(problem(a.Snapshot, a.candidates))
	for _, c := range order {
		for _, w := range a.offers(c, design) {
			if b.fits(c, w) {
				b.take(c, w)
				r = a.add(r, c, w)
				break
			}
		}
	}
	return r
}

// offers lists the ways to test a candidate, the most wanted first. Only the
// customary policy takes ways that Assay expects to lose on.
func (a arena) offers(c candidate, design string) []way {
	if c.blocked != nil {
		return nil
	}
	ways := keep(c.ways, func(w way) bool { return w.value > 0 })
	wanted := func(w way) float64 { return w.value }
	switch design {
	case priced:
		wanted = func(w way) float64 { return w.value - a.prices.of(w) }
	case customary:
		ways = a.everyWay(c, []Design{c.customary()})
		wanted = func(w way) float64 { return -float64(w.week) }
	}
	type offer struct {
		way
		wanted float64
	}
	offers := make([]offer, len(ways))
	for i, w := range ways {
		offers[i] = offer{w, wanted(w)}
	}
	slices.SortFunc(offers, func(x, y offer) int {
		return cmp.Or(-cmp.Compare(x.wanted, y.wanted), cmp.Compare(x.week, y.week),
			strings.Compare(x.layer, y.layer), strings.Compare(x.Name, y.Name))
	})
	for i, o := range offers {
		ways[i] = o.way
	}
	return ways
}

// customary is the design of least users and weeks that has 80% power for the
// author's claim, or for a lift of 1% where there is none; if the menu has no
// such design, the most powerful.
func (c candidate) customary() Design {
	target := 0.01
	if c.Claim != nil && c.Claim.Mid != 0 {
		target = math.Abs(c.Claim.Mid)
	}
	bySize := slices.SortedFunc(slices.Values(c.designs), func(x, y Design) int {
		return cmp.Or(cmp.Compare(x.Buckets*x.Weeks, y.Buckets*y.Weeks), cmp.Compare(x.Weeks, y.Weeks))
	})
	if i := slices.IndexFunc(bySize, func(d Design) bool { return d.MDE <= target }); i >= 0 {
		return bySize[i]
	}
	return slices.MinFunc(bySize, func(x, y Design) int { return cmp.Compare(x.MDE, y.MDE) })
}

// book keeps what is left of the capacity while a backlog is walked. Counting
// the buckets of a layer by week is enough: experiments that never need more
// than there are in any week can always be placed (see allocator.Hold).
type book struct {
	free  map[capacity]float64
	taken map[string]way // by hypothesis
	names map[string][]string
	weeks int
}

// allWeeks stands for the week of what a quota leaves to its team or source.
const allWeeks = -1

func newBook(p allocator.Problem) *book {
	b := &book{map[capacity]float64{}, map[string]way{}, map[string][]string{}, p.Weeks}
	for _, q := range p.Quotas {
		if q.Most != nil {
			b.free[capacity{q.Unit, q.Group, allWeeks}] = float64(*q.Most)
		}
	}
	for _, q := range p.Pools {
		for k, hours := range q.GPUHours {
			b.free[capacity{allocator.GPUHour, q.Name, k}] = float64(hours)
		}
	}
	for _, l := range p.Layers {
		for k := range p.Weeks {
			b.free[capacity{allocator.Bucket, LayerKey(l.Segment, l.Name), k}] = float64(l.Buckets - heldBuckets(l, k))
		}
	}
	for _, c := range p.Candidates {
		b.names[c.ID] = c.Conflicts
	}
	return b
}

func heldBuckets(l allocator.Layer, week int) int {
	n := 0
	for _, h := range l.Held {
		if week < h.Until {
			n += cohort.Size(h.Ranges)
		}
	}
	return n
}

// needs is what a way takes of capacities, and of the quotas of its team and source.
func (b *book) needs(c candidate, w way) []need {
	ns := w.needs()
	for _, group := range c.groups() {
		used := map[string]float64{allocator.Start: 1}
		for _, n := range w.needs() {
			switch {
			case n.week >= b.weeks:
			case n.unit == allocator.Bucket:
				used[allocator.BucketWeek] += n.amount
			default:
				used[n.unit] += n.amount
			}
		}
		for _, unit := range quotaUnits {
			ns = append(ns, need{capacity{unit, group, allWeeks}, used[unit]})
		}
	}
	return ns
}

// fits tells whether there is room, every prerequisite is done by then, and no
// conflicting test meets the same users. Beyond the horizon nothing is scarce.
func (b *book) fits(c candidate, w way) bool {
	for _, n := range b.needs(c, w) {
		if free, ok := b.free[n.capacity]; ok && n.amount > free {
			return false
		}
	}
	for _, id := range c.requires {
		if before, ok := b.taken[id]; !ok || before.end() > w.week {
			return false
		}
	}
	for id, o := range b.taken {
		if w.meets(o) && (slices.Contains(c.Conflicts, id) || slices.Contains(b.names[id], c.ID)) {
			return false
		}
	}
	return true
}

// meets tells whether two ways expose some of the same users: in one segment,
// different layers, at the same time.
func (w way) meets(o way) bool {
	return w.segment == o.segment && w.layer != o.layer && w.week < o.end() && o.week < w.end()
}

func (b *book) take(c candidate, w way) {
	for _, n := range b.needs(c, w) {
		if _, ok := b.free[n.capacity]; ok {
			b.free[n.capacity] -= n.amount
		}
	}
	b.taken[c.ID] = w
}
