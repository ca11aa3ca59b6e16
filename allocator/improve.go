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
	rng    *rand.Rand
	bound  float64 // in value
	pool   []entry // options that can be part of a better plan, by loss
	best   []int32 // chosen options of the best plan so far
	record float64 // its value
	short  float64 // and what it falls short of quotas
	mean   float64 // its value by chosen option
	heat   float64 // 1 anneals from coolFrom on, 0 from coolTo
}

const (
	effortEach = 2_000 // per option: small problems do not need more
	poolEach   = 2     // options in the pool by candidate, on average
	poolLeast  = 1_000 // but no fewer than this
	fillLimit  = 2_000 // options looked at in one fill
	comeback   = 30    // options by which a dropped candidate may come back, the best first
	blink      = 0.1   // share of options that a fill passes over, for variety
	coolFrom   = 0.1   // temperatures, as shares of the mean value of a chosen option
	coolTo     = 0.001
)

// improve spends the effort on making s better; s ends as the best plan found.
func improve(s *state, limit *work, effort int) {
	w := &search{state: s, bound: limit.bound, rng: rand.New(rand.NewPCG(limit.o.Seed, 0x61737361792d3031+limit.annealed)),
		pool: make([]entry, min(len(s.m.opts), max(poolLeast, poolEach*len(s.m.order))))}
	limit.annealed++
	for i := range w.pool {
		o := s.g.order[i]
		w.pool[i] = entry{option: o, cand: s.m.opts[o].cand}
	}
	w.tries = 0
	w.keep()
	w.heat = w.affordable(effort)
	for w.tries < effort && len(w.pool) > 0 && (w.short > 0 || w.record < w.bound*(1-1e-12)) && !limit.overWith(w.short, w.record) {
		w.round(float64(w.tries) / float64(effort))
	}
	for c, o := range w.best {
		if s.chosen[c] != o {
			s.put(int32(c), o)
		}
	}
	for value := math.Inf(-1); s.value > value; { // again, since what came last may be required by what was passed over
		value = s.value
		s.fill(s.g.order)
	}
}

// keep records the plan as the best and forgets options that no better plan can hold.
func (w *search) keep() {
	w.best, w.record, w.short = append(w.best[:0], w.chosen...), w.value, w.state.short()
	chosen := 0
	for _, o := range w.best {
		if o != none {
			chosen++
		}
	}
	w.mean = w.record / float64(max(chosen, 1))
	if w.short > 0 {
		return // a plan that falls short of less is better, whatever it is worth
	}
	room := (w.bound - w.record) * (1 + 1e-9)
	n := 0
	for n < len(w.pool) && w.g.loss[w.pool[n].option] <= room {
		n++
	}
	w.pool = w.pool[:n]
}

// affordable is how hot the search may start, from 0 to 1: loosening a plan pays
// only if there is effort to tighten it again, ten rounds for each chosen option.
func (w *search) affordable(effort int) float64 {
	rounds := float64(effort) / float64(min(len(w.pool), fillLimit)+1)
	return min(1, rounds*w.mean/(10*w.record+w.mean))
}

// score is what the annealing goes by: value, less as much as all could be worth for a
// Least that is not met at all.
func (w *search) score() float64 {
	if w.m.limits == len(w.m.rows) {
		return w.value
	}
	return w.value - w.m.total*w.state.short()
}

// entry is an option in the pool, with all that most looks at it need in one place.
type entry struct {
	watch        use // a need that lacked room the last time; of 0 units if unknown
	option, cand int32
}

// round makes one step; done is the share of the effort that is spent.
func (w *search) round(done float64) {
	w.journal = w.journal[:0]
	before := w.score()
	w.tries++
	w.looks = patience
	if w.rng.IntN(3) > 0 {
		w.force(w.pick())
	} else {
		w.ruin()
	}
	w.refill()
	if better(w.state.short(), w.value, w.short, w.record*(1+1e-12)) {
		w.keep()
	}
	temperature := w.mean * coolTo * math.Pow(coolFrom/coolTo, w.heat*(1-done))
	if w.score() < before+temperature*math.Log(1-w.rng.Float64()) {
		w.undo(0)
	}
}
