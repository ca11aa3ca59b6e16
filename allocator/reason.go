package allocator

import "slices"

// explainer finds the one reason for each candidate, against a finished plan.
type explainer struct {
	*state
	prices []float64 // per unit, by row
	unit   string    // of value
}

// explain returns one reason for every candidate, by ID. The tests follow the
// precedence of ReasonKind.
func explain(s *state, prices []float64, unit string) []Reason {
	e := explainer{s, prices, unit}
	reasons := make([]Reason, 0, len(s.chosen))
	for c := range s.chosen {
		r := e.reason(int32(c))
		r.Candidate = e.id(int32(c))
		reasons = append(reasons, r)
	}
	return reasons
}

func (e explainer) reason(c int32) Reason {
	if e.chosen[c] != none {
		return e.whyChosen(c)
	}
	fits := e.fitting(c)
	if len(fits) == 0 {
		return e.infeasible(c)
	}
	if r, ok := e.unprepared(c); ok {
		return r
	}
	worth := keep(fits, func(o *option) bool { return o.value > 0 })
	if len(worth) == 0 {
		return e.worthless(fits)
	}
	ready := keep(worth, e.prepared)
	if len(ready) == 0 {
		return e.tooEarly(c, worth)
	}
	best := e.mostProfitable(ready)
	free := keep(ready, func(o *option) bool { return e.rival(o) == none })
	if len(free) == 0 || e.pays(best) && !e.pays(e.mostProfitable(free)) {
		return e.conflicting(best, free)
	}
	if best = e.mostProfitable(free); !e.pays(best) {
		return e.outpriced(best)
	}
	if within := keep(free, e.withinQuotas); len(within) > 0 && e.pays(e.mostProfitable(within)) {
		return e.noRoom(e.mostProfitable(within))
	}
	return e.overQuota(best)
}

// fitting returns all options of c that would fit alone, whatever they are worth.
func (e explainer) fitting(c int32) []*option {
	var os []*option
	for i := range e.m.candidate(int(c)).Options {
		if l := e.m.newOption(c, i); e.m.fitsAlone(l.needs) {
			os = append(os, l)
		}
	}
	slices.SortFunc(os, func(a, b *option) int { return e.m.compareOptions(c, *a, *b) })
	return os
}

func keep(os []*option, ok func(*option) bool) []*option {
	var kept []*option
	for _, o := range os {
		if ok(o) {
			kept = append(kept, o)
		}
	}
	return kept
}

// profit is what an option earns beyond its capacity: its value, and what it adds to the
// Leasts of quotas, less its cost.
func (e explainer) profit(o *option) float64 {
	return o.value - e.cost(o) - cost(o.gives, e.prices)
}

// cost is what the capacity of an option costs, quotas left out.
func (e explainer) cost(o *option) float64 { return cost(e.capacities(o), e.prices) }

// capacities are the needs of an option but for those of quotas, which stand last.
func (e explainer) capacities(o *option) []use {
	n := len(o.needs)
	for n > 0 && e.m.rows[o.needs[n-1].row].week == allWeeks {
		n--
	}
	return o.needs[:n]
}

func (e explainer) ofQuotas(o *option) []use { return o.needs[len(e.capacities(o)):] }

// withinQuotas says whether the groups of an option have room for it, and no better use.
func (e explainer) withinQuotas(o *option) bool {
	for _, u := range e.ofQuotas(o) {
		if e.used[u.row]+u.units > e.free[u.row] {
			return false
		}
	}
	return e.profit(o)-cost(e.ofQuotas(o), e.prices) >= -evens*o.value
}

// evens is the profit, as a share of value, that counts as breaking even: prices are
// set by candidates that just pay them, and are known up to rounding.
const evens = 1e-4

// pays says whether an option earns its capacity at tonight's prices.
func (e explainer) pays(o *option) bool { return e.profit(o) >= -evens*o.value }

// mostProfitable returns the option with the best value less cost, the first of equals.
func (e explainer) mostProfitable(os []*option) *option {
	best := os[0]
	for _, o := range os[1:] {
		if e.profit(o) > e.profit(best) {
			best = o
		}
	}
	return best
}

// about fills the fields that all reasons about one option share.
func (e explainer) about(kind ReasonKind, o *option) Reason {
	c := e.cost(o)
	return Reason{Kind: kind, Option: int(o.index), Value: o.value, Cost: c, Margin: o.value - c}
}

// blocking lists the needs that pass a test, with what the plan leaves free.
func (e explainer) blocking(o *option, ok func(u use, left int64) bool) []Need {
	var needs []Need
	for _, u := range o.needs {
		row := e.m.rows[u.row]
		if left := row.free - e.used[u.row]; ok(u, left) {
			needs = append(needs, Need{row.name, row.unit, max(0, row.week), u.units, left, e.prices[u.row], row.week == allWeeks})
		}
	}
	return needs
}

func (e explainer) id(c int32) string { return e.m.candidate(int(c)).ID }
