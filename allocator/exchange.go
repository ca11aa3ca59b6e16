package allocator

import (
	"math/rand/v2"
	"time"
)

const (
	exchangeOpen  = 300   // options of some parts that are decided anew together, about
	exchangeWork  = 1_500 // pivots for it
	exchangeTries = 8     // tries of improvement for each option of the night that take as long
	courses       = 5     // from one plan
	crossWork     = 6_000 // of the exact solver
)

// divide narrows the bound by the parts of the night, and has what that says of options
// guide the search; nil: the parts are too few or too large to help.
func (w *work) divide(s *state) (*parts, error) {
	if w.over(s) {
		return nil, nil
	}
	d := newParts(w, s)
	if d == nil {
		return nil, nil
	}
	if err := d.narrow(); err != nil || !d.whole || d.prices == nil {
		return nil, err
	}
	g := *s.g
	w.bound = min(w.bound, d.bound)
	g.loss = make([]float64, len(w.limit))
	for o, limit := range w.limit {
		g.loss[o] = max(0, w.bound-limit)
	}
	g.rank(s.m)
	d.guides = [...]*guide{&g, s.g}
	return d, nil
}

// polish improves the plan further: by single options, and where there are parts, by a
// few of these at a time. With a deadline it goes on for half of the time that is left:
// several times from the plan in hand, each time another way, and then what these plans
// have chosen is the core that the exact solver chooses from.
func (w *work) polish(s *state, d *parts, effort int) error {
	if d == nil {
		improve(s, w, effort)
		return nil
	}
	rng := rand.New(rand.NewPCG(w.o.Seed, 0x61737361792d3033))
	if err := d.course(s, rng, effort); err != nil {
		return err
	}
	began := time.Now()
	deadline, timed := w.ctx.Deadline()
	enough := func() bool { return w.over(s) || time.Since(began) > time.Until(deadline) }
	seen := make([]bool, len(s.m.opts))
	for timed && !enough() {
		from := s.clone()
		for n := 0; n < courses && !enough(); n++ {
			t := from.clone()
			if err := d.course(t, rng, effort); err != nil {
				return err
			}
			for _, o := range t.chosen {
				if o != none {
					seen[o] = true
				}
			}
			if t.betterThan(s) {
				s.become(t)
			}
		}
		if err := d.cross(s, seen); err != nil {
			return err
		}
	}
	return nil
}

// course improves a plan in both ways, in turn, by what the parts and by what the prices
// say of options: where the one leads nowhere the other often does.
func (d *parts) course(s *state, rng *rand.Rand, effort int) error {
	for _, g := range d.guides {
		s.g = g
		improve(s, d.work, effort/3)
		for range effort / 8 / (exchangeTries * len(s.m.opts)) {
			if d.over(s) {
				return nil
			}
			if err := d.exchange(s, rng); err != nil {
				return err
			}
		}
	}
	return nil
}

// cross has a plan put together of options that several have chosen.
func (d *parts) cross(s *state, seen []bool) error {
	if d.over(s) {
		return nil
	}
	var ids []int32
	for o := range int32(len(seen)) {
		if seen[o] && d.limit[o] >= s.value || s.chosen[s.m.opts[o].cand] == o {
			ids = append(ids, o)
		}
	}
	q := newProgram(s, ids, s.free, nil)
	q.maximise(s.m.value)
	q.shortfalls(0, s.short())
	_, err := d.work.ask(s, d.o.Exact, q, crossWork)
	return err
}

// exchange decides some parts anew together, exactly, beside all others as they are.
func (d *parts) exchange(s *state, rng *rand.Rand) error {
	m := s.m
	lost, others := make([]float64, len(d.members)), 0.0 // by part: what it could be worth more
	for i, members := range d.members {
		lost[i] = d.most[i]
		for _, c := range members {
			if o := s.chosen[c]; o != none {
				lost[i] -= d.net(o, d.prices)
			}
		}
		others += lost[i]
	}
	inside, open, all := make([]bool, len(m.order)), 0, others
	for _, i := range rng.Perm(len(d.members)) {
		n := 0
		for _, c := range d.members[i] {
			for o := m.first[c]; o < m.first[c+1]; o++ {
				if d.limit[o]-(all-lost[i]) >= s.value {
					n++
				}
			}
		}
		if open > 0 && open+n > exchangeOpen {
			continue
		}
		open += n
		others -= lost[i]
		for _, c := range d.members[i] {
			inside[c] = true
		}
	}
	rest := s.without(inside)
	ids := d.among(s, rest, inside, others)
	if len(ids) > exchangeOpen {
		return nil
	}
	q := newProgram(s, ids, rest.room(), inside)
	q.maximise(m.value)
	q.shortfalls(0, s.short())
	_, err := d.work.ask(s, small, q, exchangeWork)
	return err
}

// without is a plan without what is inside, and without what requires that, which is
// inside, too, then.
func (s *state) without(inside []bool) *state {
	t := s.clone()
	for c, in := range inside {
		if in && t.chosen[c] != none {
			t.drop(int32(c))
		}
	}
	for c, o := range s.chosen {
		inside[c] = inside[c] || t.chosen[c] != o
	}
	return t
}

// among lists the options inside that can be part of a better plan beside a rest, whose
// parts could be worth so much more themselves.
func (d *parts) among(s, rest *state, inside []bool, others float64) []int32 {
	var ids []int32
	for c, in := range inside {
		for o := s.m.first[c]; in && o < s.m.first[c+1]; o++ {
			opt := &s.m.opts[o]
			if s.chosen[c] == o || d.limit[o]-others >= s.value && rest.fits(o) &&
				rest.rival(opt) == none && !rest.cutsDependent(opt) && rest.preparedBut(opt, inside) {
				ids = append(ids, o)
			}
		}
	}
	return ids
}

// preparedBut is prepared, but for prerequisites inside.
func (s *state) preparedBut(o *option, inside []bool) bool {
	for _, r := range s.m.requires[o.cand] {
		if !inside[r] && (s.chosen[r] == none || s.m.opts[s.chosen[r]].end > o.start) {
			return false
		}
	}
	return true
}
