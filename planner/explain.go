package planner

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/assay-planner/assay/allocator"
)

// Explain says in full why a hypothesis is where it is: its entry in the plan
// in force (or, for one that is not in it, what its row says), every design at
// tonight's prices, and the capacities that it has, or that the best of its
// designs needs. What an earlier night started has capacities only, and what is
// over or was withdrawn has nothing to weigh any more.
func (p *Planner) Explain(ctx context.Context, id string) (Explanation, error) {
	h, d, err := p.deskOf(ctx, id)
	if err != nil {
		return Explanation{}, err
	}
	if d.plan.ID == "" {
		return Explanation{}, ErrNoPlan
	}
	x := Explanation{Plan: d.plan.ID, Entry: d.entry(h), Designs: []DesignAtPrices{}, Capacity: []Use{}}
	if _, planned := d.entries[id]; !planned && x.Entry.Status == Running {
		x.Capacity = d.held(*x.Entry.Start)
		return x, nil
	}
	bids := d.bids(h)
	if len(bids) == 0 || x.Entry.Status.over() {
		return x, nil
	}
	for _, b := range bids {
		x.Designs = append(x.Designs, b.DesignAtPrices)
	}
	x.Capacity = d.capacity(bids[0].way)
	if x.Entry.Start != nil {
		x.Capacity = d.capacity(x.Entry.Start.way(d.plan.calendar()))
	}
	x.Rival = d.rival(x.Entry, x.Capacity)
	return x, nil
}

// entry is the plan's, brought up to now; for a hypothesis outside the plan it
// is made from its row.
func (d desk) entry(h Hypothesis) Entry {
	row := d.row(h)
	e, planned := d.entries[h.ID]
	if !planned {
		e = Entry{Hypothesis: h.ID, Title: h.Title, Surface: h.Surface, Component: h.Component, Source: h.Source,
			Generator: h.Generator, Team: h.Team, ICE: h.ICE.Score(), Value: row.Value, ReasonKind: string(row.Status)}
		e.Forecast, _ = d.model.forecast(h)
		if designs, err := d.model.designs(h); err == nil {
			e.Best = d.model.Policy.best(designs)
		}
	}
	e.Status, e.Start, e.Reason = row.Status, row.Start, row.Reason
	return e
}

// bid is a design in a layer at the start week where it is worth most over its
// price.
type bid struct {
	DesignAtPrices
	way
}

// bids lists every design in every layer that takes it, if it could run there at
// all, best surplus first.
func (d desk) bids(h Hypothesis) []bid {
	designs, err := d.model.designs(h)
	if err != nil {
		return nil
	}
	segment, _ := d.model.Policy.segment(h)
	prices := pricesOf(d.plan.Uses)
	var bids []bid
	for _, l := range segment.layersFor(h.Component) {
		for i := range designs {
			if b, ok := d.bid(d.model.Policy.in(&designs[i], h, segment, l), segment.Name, l.Name, prices); ok {
				bids = append(bids, b)
			}
		}
	}
	slices.SortStableFunc(bids, func(a, b bid) int {
		return cmp.Or(-cmp.Compare(a.Surplus, b.Surplus), strings.Compare(a.Layer, b.Layer))
	})
	return bids
}

// bid finds the start week, if running work and the end of the plan leave any.
func (d desk) bid(design *Design, segment, layer string, prices prices) (best bid, ok bool) {
	c := d.plan.calendar()
	for k := range c.weeks - design.Weeks + 1 { // as combine has it
		at := c.slot(c.begin(k), design.Weeks)
		w := way{design, segment, layer, at, d.model.Policy.value(*design, at.wait)}
		if at.end() > c.weeks || !d.leavesRoom(w) {
			continue
		}
		if price := prices.of(w); !ok || w.value-price > best.Surplus {
			best, ok = bid{DesignAtPrices{*design, layer, k, w.value, price, w.value - price}, w}, true
		}
	}
	return best, ok
}

// leavesRoom reports whether the way fits beside running work alone. Where it
// does not, capacity has no price, and would look like a bargain.
func (d desk) leavesRoom(w way) bool {
	for _, n := range w.needs() {
		if free, known := d.free[n.capacity]; known && n.amount > free {
			return false
		}
	}
	return true
}

// capacity returns the uses of what a way needs.
func (d desk) capacity(w way) []Use {
	needs := w.needs()
	return keep(d.plan.Uses, func(u Use) bool {
		return slices.ContainsFunc(needs, func(n need) bool { return n.capacity == capacity{u.Unit, u.Name, u.Week} })
	})
}

// held returns the uses of what an earlier night started, in the weeks of the
// plan that it reaches into.
func (d desk) held(s Start) []Use {
	return keep(d.plan.Uses, func(u Use) bool {
		ours := u.Unit == allocator.Bucket && u.Name == LayerKey(s.Segment, s.Layer) || u.Unit == allocator.GPUHour && u.Name == s.Design.Pool
		return ours && u.Week < d.plan.calendar().until(s.Until)
	})
}

// rival returns the chosen entry that takes some of the same scarce capacity
// and returns least for it: the one to beat. A chosen entry has none.
func (d desk) rival(e Entry, scarce []Use) *Entry {
	if e.Start != nil {
		return nil
	}
	var rival *Entry
	for i := range d.plan.Entries {
		o := &d.plan.Entries[i]
		if o.Start != nil && o.takes(scarce, d.plan.calendar()) && (rival == nil || o.Density < rival.Density) {
			rival = o
		}
	}
	return rival
}

// takes tells whether the entry's start uses one of the capacities that have a
// price.
func (e Entry) takes(scarce []Use, c calendar) bool {
	return slices.ContainsFunc(e.Start.way(c).needs(), func(n need) bool {
		return slices.ContainsFunc(scarce, func(u Use) bool {
			return u.Price > 0 && n.capacity == capacity{u.Unit, u.Name, u.Week}
		})
	})
}

// way is the start as the option that it was.
func (s *Start) way(c calendar) way {
	return way{&s.Design, s.Segment, s.Layer, c.span(s.From, s.Until), s.Value}
}
