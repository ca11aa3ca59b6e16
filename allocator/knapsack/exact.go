package knapsack

import (
	"context"
	"math"
	"runtime"
	"slices"
	"time"

	"github.com/assay-planner/assay/allocator/mip"
)

// What is given to the exact solver.
const (
	// open alternatives that are all asked for at once; of more, so many of the least losses
	fewOpen, fewAsked = 4_000, 1_000
	// open alternatives that are all asked for after that, for a bound on every choice,
	// where there is patience: from so much effort or time on
	manyOpen      = 10_000
	patient       = 3 * DefaultEffort
	patientlyLong = 18 * time.Second
	// perLook is how much of the search's work stands for one unit of the exact solver's;
	// where all is asked for and no more than provable alternatives are open, or no choice
	// is known yet, perSure.
	perLook, perSure, provable = 200_000, 15_000, 1_000
	// of the effort, one part in so many goes to the search before what is little is asked
	// for, and of the exact solver's to that
	brief, brisk = 60, 8
	// of the time that is left, what comes before the exact solver takes one part in so many
	opening = 10
	// and what is kept to end in time
	reserve = 30
)

// all is the whole work: what is soon proved, the searches alone, then the exact solver
// beside them, and at last the searches from the best that was found.
func (r *run) all() error {
	effort := r.o.Effort
	if r.o.Exact == nil || effort < 0 {
		r.search(r.ctx, r.pair, effort)
		return nil
	}
	deadline, limited := r.ctx.Deadline()
	isPatient := effort >= patient && !r.timed || r.timed && time.Until(deadline) >= patientlyLong
	if limited && r.timed {
		r.open(deadline)
	} else {
		if err := r.prove(); err != nil || r.done() {
			return err
		}
		r.search(r.ctx, r.pair, effort/4)
	}
	if !isPatient {
		if _, err := r.beside(fewOpen, 0.7, effort/2, 1); err != nil {
			return err
		}
	} else {
		all, err := r.beside(fewOpen, 0.3, effort/4, 1)
		if err == nil && !all {
			_, err = r.beside(manyOpen, 0.9, effort/4, 1)
		}
		if err != nil {
			return err
		}
	}
	r.search(r.ctx, r.pair, effort/4)
	return nil
}

// prove asks for all that is open after a short search, where that is so little that the
// proof may take less than the whole of the work would. Nothing else runs meanwhile, so
// that a proof ends it all.
func (r *run) prove() error {
	r.search(r.ctx, r.pair, r.o.Effort/brief)
	known := knowledge{r.best, r.value}
	if _, all := r.c.open(known, provable); !all || r.done() || r.ctx.Err() != nil {
		return nil
	}
	_, err := r.beside(provable, 0.3, 0, brisk)
	return err
}

// open is the search before the exact solver where time is the limit. How late it ends
// tells how late the last one will: so much earlier, twice, and a share of the time, is the
// end from here on.
func (r *run) open(deadline time.Time) {
	left := time.Until(deadline)
	until := time.Now().Add(left / opening)
	ctx, cancel := context.WithDeadline(r.ctx, until)
	r.search(ctx, r.pair, r.o.Effort/4)
	cancel()
	late := max(0, time.Since(until))
	r.ctx, r.stop = context.WithDeadline(r.ctx, deadline.Add(-2*late-left/reserve))
}

// beside gives the exact solver what is open, while the search goes on with so much
// effort. It says whether all was asked for that a better choice could hold. Of the work that
// is counted for the solver it may do one part in so many.
//
// Neither knows of the other before both have ended: so which is the faster one does not
// matter. Only where time is the limit the search ends when the solver does; and a search
// that finds all that there is to find ends the solver, as its answer could add nothing.
func (r *run) beside(open int, share float64, effort, parts int64) (all bool, err error) {
	if r.done() || r.ctx.Err() != nil {
		return false, nil
	}
	asking, enough := context.WithCancel(r.ctx)
	defer enough()
	searching, stop := context.WithCancel(r.ctx)
	defer stop()
	known := knowledge{r.best, r.value}
	answers := make(chan answer, 1)
	go func() {
		answers <- r.ask(asking, known, open, share, parts)
		if r.timed {
			stop()
		}
	}()
	pair := r.pair
	if r.timed { // one processor is the solver's
		pair = pair[:min(max(1, runtime.GOMAXPROCS(0)-1), len(pair))]
	}
	r.search(searching, pair, effort)
	if r.done() {
		return false, nil
	}
	select {
	case a := <-answers:
		return a.all, r.learn(a)
	case <-r.ctx.Done():
		r.cut = true
		return false, nil
	}
}

// knowledge is the best choice that was known when a question was asked, or nil, and its
// value.
type knowledge struct {
	best  *state
	value float64
}

// answer is what the exact solver says.
type answer struct {
	all     bool    // all was asked for that a better choice could hold
	best    *state  // a choice, or nil
	ceiling float64 // no choice is worth more, unless it was known
	proved  bool    // no choice keeps the limits
	late    bool    // time ended it
	err     error
}

// learn takes over what is better.
func (r *run) learn(a answer) error {
	r.cut = r.cut || a.late
	if a.err != nil {
		if r.ctx.Err() != nil {
			return nil
		}
		return a.err
	}
	r.proved = r.proved || a.proved && r.best == nil
	if a.best != nil && a.best.value > r.value {
		r.better(a.best)
	}
	if !a.proved {
		r.ceiling = min(r.ceiling, max(r.value, a.ceiling))
	}
	r.o.Progress(r.value, r.ceiling)
	return nil
}

// ask gives the exact solver what is open, if that is no more than so many
// alternatives, and else a part of it. Of the time that is left it may take a share, and
// of what work is counted for it one part in so many.
func (r *run) ask(ctx context.Context, known knowledge, open int, share float64, parts int64) (a answer) {
	a.ceiling = math.Inf(1)
	q, all := r.c.open(known, open)
	switch {
	case q == nil:
		return a
	case len(q.item) == 0: // one choice is left
		a.all = all
		if s := q.state(nil); s.lawful() {
			a.best = s
		}
		if all {
			a.proved = known.best == nil && a.best == nil
			a.ceiling = math.Inf(-1)
		}
		return a
	}
	a.all = all
	o := mip.Options{Gap: r.o.Gap, Start: q.start}
	if !r.timed {
		per := int64(perLook)
		if all && (len(q.item) <= provable || known.best == nil) {
			per = perSure
		}
		o.Effort = max(1_000, r.o.Effort/per/parts)
	}
	if deadline, ok := ctx.Deadline(); ok { // what is left is for the search, and for writing the answer
		if o.TimeLimit = time.Duration(float64(time.Until(deadline)) * share); o.TimeLimit <= 0 {
			return a
		}
		began := time.Now()
		defer func() { a.late = time.Since(began) >= o.TimeLimit }()
	}
	found, err := r.o.Exact.Solve(ctx, q.p, o)
	if err != nil {
		a.err = err
		return a
	}
	if found.Status == mip.Infeasible && all && known.best == nil {
		a.proved = true
		return a
	}
	if found.Values != nil {
		if s := q.state(found.Values); s.lawful() {
			a.best = s
		}
	}
	if all && !math.IsInf(found.Bound, 0) {
		a.ceiling = r.d.ceiling(found.Bound + q.fixed)
	}
	return a
}

// question is what of a core is open, as a mixed-integer program.
type question struct {
	c     *core
	p     mip.Problem
	item  []int32 // by column: the alternative
	rest  []int32 // by core class: its alternative if no column is taken
	fixed float64
	start []float64
}

// open writes down what is open: of each class the alternatives that lose less than
// the best choice lies below the bound, or some of them if those are more than most. It
// says whether no better choice can hold anything else.
func (c *core) open(known knowledge, most int) (q *question, all bool) {
	gap := math.Inf(1)
	if known.best != nil {
		gap = (c.bound - known.value) * (1 + 1e-9)
	}
	all = c.covers(gap)
	count := func(gap float64) (n int) {
		for _, a := range c.order {
			if c.forced[a] <= gap {
				n++
			}
		}
		return n
	}
	if count(gap) > most {
		all = false
		gap = c.forced[c.order[min(fewAsked, len(c.order)-1)]]
	}
	q = &question{c: c, fixed: c.fixed, rest: slices.Clone(c.base)}
	if known.best != nil {
		copy(q.rest, known.best.at)
	}
	q.p.Maximize = true
	columnsOf := make([][]int32, len(c.classes))
	free := slices.Clone(c.free)
	rows, units := make([][]int32, c.m), make([][]float64, c.m)
	for k := range c.classes {
		var list []int32
		skip := int32(-1)
		for a := c.first[k]; a < c.first[k+1]; a++ {
			ours := known.best != nil && a == known.best.at[k]
			if c.forced[a] > gap && !ours && !(c.item[a] == None && c.near != nil && len(c.near[k]) > 0) {
				continue
			}
			if c.item[a] == None {
				skip = a
			} else {
				list = append(list, a)
			}
		}
		if len(list) == 0 || len(list) == 1 && skip < 0 {
			only := skip
			if len(list) == 1 {
				only = list[0]
			}
			q.rest[k] = only
			q.fixed += c.value[only]
			for j, u := range c.row(only) {
				free[j] -= u
			}
			if c.item[only] != None && c.near != nil && len(c.near[k]) > 0 {
				return nil, false // cannot be: a class with a conflict keeps its way out
			}
			continue
		}
		q.rest[k] = skip
		var ones []float64
		for _, a := range list {
			col := q.p.AddColumn(c.value[a], 0, 1, true)
			q.item = append(q.item, a)
			columnsOf[k] = append(columnsOf[k], col)
			ones = append(ones, 1)
			for j, u := range c.row(a) {
				if u != 0 {
					rows[j], units[j] = append(rows[j], col), append(units[j], float64(u))
				}
			}
			if known.best != nil {
				x := 0.0
				if known.best.at[k] == a {
					x = 1
				}
				q.start = append(q.start, x)
			}
		}
		least := 0.0
		if skip < 0 {
			least = 1
		}
		q.p.AddRow(least, 1, columnsOf[k], ones)
	}
	for j := range c.m {
		if len(rows[j]) > 0 {
			q.p.AddRow(math.Inf(-1), float64(free[j]), rows[j], units[j])
		}
	}
	for _, clique := range c.cliques(func(k int32) bool { return len(columnsOf[k]) > 0 }) {
		var columns []int32
		for _, k := range clique {
			columns = append(columns, columnsOf[k]...)
		}
		q.p.AddRow(math.Inf(-1), 1, columns, slices.Repeat([]float64{1}, len(columns)))
	}
	return q, all
}

// cliques lists sets of open core classes that all exclude each other, so that every
// conflict between two of them is in one: a row for each says as much as one for every
// pair, and more of parts of items.
func (c *core) cliques(open func(k int32) bool) (cliques [][]int32) {
	covered := map[[2]int32]bool{}
	for k, near := range c.near {
		for _, to := range near {
			if to < int32(k) || covered[[2]int32{int32(k), to}] || !open(int32(k)) || !open(to) {
				continue
			}
			clique := []int32{int32(k), to}
			for _, other := range near {
				if other != to && open(other) && c.excludes(other, clique) {
					clique = append(clique, other)
				}
			}
			slices.Sort(clique)
			for i, a := range clique {
				for _, b := range clique[i+1:] {
					covered[[2]int32{a, b}] = true
				}
			}
			cliques = append(cliques, clique)
		}
	}
	return cliques
}

// excludes says whether a core class excludes all of some others.
func (c *core) excludes(k int32, others []int32) bool {
	for _, o := range others {
		if _, ok := slices.BinarySearch(c.near[k], o); !ok {
			return false
		}
	}
	return true
}

// covers says whether no choice above the bound less gap can hold what is not in the core.
func (c *core) covers(gap float64) bool {
	return c.whole || gap < c.least && !c.loose
}

// state turns values of the columns back into a choice.
func (q *question) state(x []float64) *state {
	s := q.c.baseState()
	for _, a := range q.rest {
		if a >= 0 {
			s.set(a)
		}
	}
	for col, a := range q.item {
		if x[col] > 0.5 {
			s.set(a)
		}
	}
	return s
}
