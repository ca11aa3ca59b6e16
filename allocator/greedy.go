package allocator

import (
	"cmp"
	"slices"
)

// guide is what the dual tells about each option.
type guide struct {
	// loss is how far an option lies behind the best its candidate could do at
	// tonight's prices, doing nothing included. The gap of a plan is the losses of its
	// choices plus the price of the capacity that it leaves unused, so a plan within
	// gap g of the bound holds no option whose loss exceeds g.
	loss []float64
	// profit is value less cost at tonight's prices.
	profit []float64
	taken  []float64 // share of the option in the relaxation's optimum
	order  []int32   // options by loss, then value: good ones first
	ranked []int32   // the same by candidate: those of c are ranked[first[c]:first[c+1]]
}

// newGuide reads prices and shares of a relaxation of all options.
func newGuide(m *model, r *relaxation, prices, taken []float64) *guide {
	n := len(m.opts)
	g := &guide{loss: make([]float64, n), profit: make([]float64, n), taken: taken, order: make([]int32, n)}
	for c := range m.order {
		best := 0.0
		for o := m.first[c]; o < m.first[c+1]; o++ {
			g.profit[o] = m.opts[o].value - r.cost(o, prices)*r.unit
			best = max(best, g.profit[o])
		}
		for o := m.first[c]; o < m.first[c+1]; o++ {
			g.loss[o] = best - g.profit[o]
		}
	}
	g.rank(m)
	return g
}

// rank orders the options by their losses.
func (g *guide) rank(m *model) {
	n := len(m.opts)
	g.order = g.sorted(m, func(o int32) float64 { return g.loss[o] })
	g.ranked = make([]int32, n)
	next := slices.Clone(m.first)
	for _, o := range g.order {
		c := m.opts[o].cand
		g.ranked[next[c]] = o
		next[c]++
	}
}

// sorted lists all options by a key, then by value, then in canonical order.
func (g *guide) sorted(m *model, key func(o int32) float64) []int32 {
	order := make([]int32, len(m.opts))
	keys := make([]float64, len(m.opts))
	for o := range order {
		order[o] = int32(o)
		keys[o] = key(int32(o))
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(keys[a], keys[b]), cmp.Compare(m.opts[b].value, m.opts[a].value), cmp.Compare(a, b))
	})
	return order
}

// greedy builds one plan for each of several rules and returns the best, the first
// of equals.
func greedy(m *model, r *relaxation, g *guide, w *work) *state {
	s := newState(m, g)
	s.repair()
	s.fill(g.order)
	best := s
	for _, key := range []func(o int32) float64{
		nil, // the loss
		func(o int32) float64 { return g.loss[o] - g.taken[o]*m.opts[o].value },
		func(o int32) float64 { return -m.opts[o].value / (1e-9 + r.share(o)) },
		func(o int32) float64 { return -m.opts[o].value },
	} {
		if w.over(best) {
			break
		}
		s := newState(m, g)
		order := g.order
		if key != nil {
			order = g.sorted(m, key)
		}
		s.fill(order)
		if s.betterThan(best) {
			best = s
		}
	}
	return best
}

// share is the sum of the shares of capacity that option o takes.
func (r *relaxation) share(o int32) float64 {
	total := 0.0
	for t := r.start[o]; t < r.start[o+1]; t++ {
		total += r.take[t]
	}
	return total
}

// fill places options in the given order wherever their candidate has none and
// there is room, fetching prerequisites where that makes the difference.
func (s *state) fill(order []int32) {
	for _, o := range order {
		if s.chosen[s.m.opts[o].cand] == none && s.fits(o) {
			s.place(o)
		}
	}
}

// patience is how many options of prerequisites are looked at for the sake of one
// option: all combinations would be as many as options to the power of the depth.
const patience = 1_000

// perTry is how many of these looks count as one try: most end at a comparison of weeks.
const perTry = 128

// place chooses o for a candidate that has none, if there is room and agreement.
// Missing prerequisites are placed first; if that fails, nothing changes.
func (s *state) place(o int32) bool {
	s.looks = patience
	done := s.seat(o)
	s.tries += (patience - s.looks) / perTry
	return done
}

// seat is place with the patience that is left.
func (s *state) seat(o int32) bool {
	opt, mark := &s.m.opts[o], len(s.journal)
	for _, r := range s.m.requires[opt.cand] {
		if s.chosen[r] == none && !s.seatBy(r, opt.start) {
			s.undo(mark)
			return false
		}
	}
	if !s.fits(o) || !s.agrees(o) {
		s.undo(mark)
		return false
	}
	s.set(opt.cand, o)
	return true
}

// seatBy chooses the option of c with the smallest loss that ends by a week and can be seated.
func (s *state) seatBy(c, week int32) bool {
	for i := s.m.first[c]; i < s.m.first[c+1] && s.looks > 0; i++ {
		s.looks--
		if o := s.g.ranked[i]; s.m.opts[o].end <= week && s.fits(o) && s.seat(o) {
			return true
		}
	}
	return false
}

// repair starts from the Lagrangian solution, every candidate's best option at
// tonight's prices whether it fits or not, and evicts until all is in order.
func (s *state) repair() {
	for _, o := range s.g.order {
		if c := s.m.opts[o].cand; s.g.loss[o] == 0 && s.g.profit[o] > 0 && s.chosen[c] == none {
			s.set(c, o)
		}
	}
	for c, o := range s.chosen {
		if o != none && !s.agrees(o) {
			s.drop(int32(c))
		}
	}
	for row := range s.m.limits {
		s.relieve(int32(row), none, func(c int32) float64 { return s.g.profit[s.chosen[c]] })
	}
}

// relieve drops users of a row, those with the smallest key first, until the row is
// within its capacity; keep stays.
func (s *state) relieve(row, keep int32, key func(c int32) float64) {
	for s.used[row] > s.free[row] {
		worst, least := int32(none), 0.0
		s.eachUser(row, func(c int32) {
			if k := key(c); c != keep && (worst == none || k < least) {
				worst, least = c, k
			}
		})
		s.drop(worst)
	}
}
