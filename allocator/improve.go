package allocator

import (
	"math"
	"math/rand/v2"
)

// search improves a plan by small steps: force one promising option in, or ruin a
// neighbourhood, then fill what is free; keep the result if it is better, or not
// much worse while the search is young (simulated annealing, with its loosening
// decided by the effort spent, never by a clock).
type search struct {
	*state
	g      *guide
	rng    *rand.Rand
	bound  float64 // in value
	pool   []int32 // options that can be part of a better plan, by loss
	best   []int32 // chosen options of the best plan so far
	record float64 // its value
	mean   float64 // its value by chosen option
	tries  int     // options tried so far
}

const (
	defaultEffort = 12_000_000
	effortEach    = 2_000 // per option: small problems do not need more
	poolEach      = 2     // options in the pool by candidate, on average
	poolLeast     = 1_000 // but no fewer than this
	fillLimit     = 2_500 // options looked at in one fill
	comeback      = 8     // options by which a dropped candidate may come back
	blink         = 0.1   // share of options that a fill passes over, for variety
	coolFrom      = 0.2   // temperatures, as shares of the mean value of a chosen option
	coolTo        = 0.002
)

// improve spends the effort on making s better; s ends as the best plan found.
func improve(s *state, g *guide, bound float64, o Options) {
	effort := o.Effort
	if effort == 0 {
		effort = min(defaultEffort, effortEach*len(s.m.opts))
	}
	w := &search{state: s, g: g, bound: bound, rng: rand.New(rand.NewPCG(o.Seed, 0x61737361792d3031)),
		pool: g.order[:min(len(g.order), max(poolLeast, poolEach*len(s.m.order)))]}
	w.keep()
	for w.tries < effort && len(w.pool) > 0 && w.record < w.bound*(1-1e-12) {
		w.round(float64(w.tries) / float64(effort))
	}
	for c, o := range w.best {
		if s.chosen[c] != o {
			s.put(int32(c), o)
		}
	}
	s.fill(g.order)
}

// keep records the plan as the best and forgets options that no better plan can hold.
func (w *search) keep() {
	w.best, w.record = append(w.best[:0], w.chosen...), w.value
	chosen := 0
	for _, o := range w.best {
		if o != none {
			chosen++
		}
	}
	w.mean = w.record / float64(max(chosen, 1))
	room := (w.bound - w.record) * (1 + 1e-9)
	n := 0
	for n < len(w.pool) && w.g.loss[w.pool[n]] <= room {
		n++
	}
	w.pool = w.pool[:n]
}

// round makes one step; done is the share of the effort that is spent.
func (w *search) round(done float64) {
	w.journal = w.journal[:0]
	before := w.value
	w.tries++
	if w.rng.IntN(3) > 0 {
		w.force(w.pick())
	} else {
		w.ruin()
	}
	w.refill()
	if w.value > w.record*(1+1e-12) {
		w.keep()
	}
	temperature := w.mean * coolFrom * math.Pow(coolTo/coolFrom, done)
	if w.value < before+temperature*math.Log(1-w.rng.Float64()) {
		w.undo(0)
	}
}

// pick draws an option from the pool that is not chosen, small losses first.
func (w *search) pick() int32 {
	u := w.rng.Float64()
	i := int(u * u * float64(len(w.pool)))
	return w.pool[i]
}

// force puts o into the plan whatever it displaces.
func (w *search) force(o int32) {
	opt := &w.m.opts[o]
	if w.chosen[opt.cand] == o {
		w.drop(opt.cand)
		return
	}
	if w.chosen[opt.cand] != none {
		if w.cutsDependent(opt) {
			w.drop(opt.cand)
		} else {
			w.set(opt.cand, none)
		}
	}
	for _, r := range w.m.requires[opt.cand] {
		if w.chosen[r] != none && w.m.opts[w.chosen[r]].end > opt.start {
			w.drop(r)
		}
		if w.chosen[r] == none && !w.placeBy(r, opt.start) {
			return
		}
	}
	for k := w.rival(opt); k != none; k = w.rival(opt) {
		w.drop(k)
	}
	if !w.prepared(opt) { // a rival took a prerequisite with it
		return
	}
	w.set(opt.cand, o)
	for _, u := range opt.needs {
		w.relieve(u.row, opt.cand, func(c int32) float64 {
			return w.g.profit[w.chosen[c]] * w.rng.Float64()
		})
	}
}

// ruin drops a few candidates that share capacity with one drawn at random.
func (w *search) ruin() {
	centre := w.m.opts[w.pick()].needs
	if len(centre) == 0 {
		return
	}
	row := centre[w.rng.IntN(len(centre))].row
	var users []int32
	w.eachUser(row, func(c int32) { users = append(users, c) })
	for range min(len(users), 1+w.rng.IntN(6)) {
		i := w.rng.IntN(len(users))
		if w.chosen[users[i]] != none {
			w.drop(users[i])
		}
	}
}

// refill places options of the pool where there is room, by loss, now and then
// passing one over. In a large pool it looks at every so-manieth only, and then at
// what the dropped candidates could have instead.
func (w *search) refill() {
	stride := len(w.pool)/fillLimit + 1
	for i := w.rng.IntN(stride); i < len(w.pool); i += stride {
		w.try(w.pool[i])
	}
	for i := 0; i < len(w.journal); i++ {
		c := w.journal[i].cand
		for o := w.m.first[c]; o < w.m.first[c+1] && w.chosen[c] == none; o++ {
			w.try(o)
		}
	}
}

// try places an option if its candidate has none and there is room, mostly.
func (w *search) try(o int32) {
	if w.chosen[w.g.cand[o]] != none {
		return
	}
	w.tries++
	if w.fits(o) && w.rng.Float64() >= blink {
		w.place(o)
	}
}
