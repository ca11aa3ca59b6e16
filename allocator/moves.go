package allocator

// pick draws an option from the pool, chosen or not, small losses first.
func (w *search) pick() int32 {
	u := w.rng.Float64()
	i := int(u * u * float64(len(w.pool)))
	return w.pool[i].option
}

// force puts o into the plan whatever it displaces, or takes it out if it is there.
// If its prerequisites cannot be had together, its candidate goes, with all that
// require it.
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
		if w.chosen[r] == none {
			w.forceBy(r, opt.start)
		}
	}
	for k := w.rival(opt); k != none; k = w.rival(opt) {
		w.drop(k)
	}
	if !w.prepared(opt) { // one prerequisite took another's place, or none was found
		w.drop(opt.cand)
		return
	}
	w.set(opt.cand, o)
	for _, u := range opt.needs {
		w.relieve(u.row, opt.cand, func(c int32) float64 {
			return w.profitWith(c) * w.rng.Float64()
		})
	}
}

// forceBy forces in the best option of c that ends by a week, while there is patience.
func (w *search) forceBy(c, week int32) {
	for i := w.m.first[c]; i < w.m.first[c+1] && w.looks > 0; i++ {
		w.looks--
		if o := w.g.ranked[i]; w.m.opts[o].end <= week {
			w.tries++
			w.force(o)
			return
		}
	}
}

// profitWith is what would go if c were dropped: its profit and that of all that
// directly require it.
func (w *search) profitWith(c int32) float64 {
	sum := w.g.profit[w.chosen[c]]
	for _, d := range w.m.dependents[c] {
		if w.chosen[d] != none {
			sum += w.g.profit[w.chosen[d]]
		}
	}
	return sum
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
// passing one over, and then what the dropped candidates could have instead. In a
// large pool it looks at every second, third … option only.
func (w *search) refill() {
	stride := len(w.pool)/fillLimit + 1
	for i := w.rng.IntN(stride); i < len(w.pool); i += stride {
		w.consider(&w.pool[i])
	}
	for i := 0; i < len(w.journal); i++ {
		c := w.journal[i].cand
		for o := w.m.first[c]; o < min(w.m.first[c]+comeback, w.m.first[c+1]) && w.chosen[c] == none; o++ {
			w.tries++
			if w.fits(w.g.ranked[o]) && w.rng.Float64() >= blink {
				w.place(w.g.ranked[o])
			}
		}
	}
}

// consider places the option of an entry if its candidate has none and there is
// room, mostly. It looks first at the need that lacked room the last time.
func (w *search) consider(e *entry) {
	if w.chosen[e.cand] != none {
		return
	}
	w.tries++
	if e.watch.units > 0 && w.used[e.watch.row]+e.watch.units > w.free[e.watch.row] {
		return
	}
	if i := w.lack(e.option); i != none {
		e.watch = w.m.opts[e.option].needs[i]
	} else if w.rng.Float64() >= blink {
		w.place(e.option)
	}
}
