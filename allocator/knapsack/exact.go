package knapsack

import (
	"math"
	"slices"
	"time"

	"github.com/assay-planner/assay/allocator/mip"
)

// What is given to the exact solver.
const (
	// open alternatives that are all asked for at once; of more, so many of the least losses
	fewOpen, fewAsked = 4_000, 1_000
	// open alternatives that are all asked for after that, for a bound on every choice,
	// where there is patience: from so much effort on
	manyOpen = 10_000
	patient  = 3 * DefaultEffort
	// perLook is how much of the search's work stands for one unit of the exact solver's.
	perLook = 200_000
)

// exact gives the exact solver the alternatives that a better choice most likely
// holds, and then, with patience, all that one could hold: its bound on those is one on
// every choice.
func (r *run) exact() error {
	if r.o.Exact == nil || r.o.Effort < 0 {
		return nil
	}
	if r.o.Effort < patient {
		_, err := r.ask(fewOpen, 0.7)
		return err
	}
	all, err := r.ask(fewOpen, 0.3)
	if err == nil && !all {
		_, err = r.ask(manyOpen, 0.85)
	}
	return err
}

// ask gives the exact solver what is open, if that is no more than so many
// alternatives, and else a part of it. Of the time that is left it may take a share. It
// says whether it asked for all that a better choice could hold.
func (r *run) ask(open int, share float64) (all bool, err error) {
	if r.done() || r.ctx.Err() != nil {
		return false, nil
	}
	q, all := r.open(open)
	switch {
	case q == nil:
		return false, nil
	case len(q.item) == 0: // one choice is left
		if s := q.state(nil); s.lawful() && s.value > r.value {
			r.better(s)
		}
		if all && r.best != nil {
			r.ceiling = r.value
		}
		r.proved = all && r.best == nil
		return all, nil
	}
	o := mip.Options{Gap: r.o.Gap, Start: q.start, Effort: max(1_000, r.o.Effort/perLook)}
	if deadline, ok := r.ctx.Deadline(); ok { // what is left is for the search, and for writing the answer
		if o.TimeLimit = time.Duration(float64(time.Until(deadline)) * share); o.TimeLimit <= 0 {
			return all, nil
		}
		began := time.Now()
		defer func() { r.cut = r.cut || time.Since(began) >= o.TimeLimit }()
	}
	found, err := r.o.Exact.Solve(r.ctx, q.p, o)
	if err != nil {
		if r.ctx.Err() != nil {
			return all, nil
		}
		return all, err
	}
	if found.Status == mip.Infeasible && all && r.best == nil {
		r.proved = true
		return all, nil
	}
	if found.Values != nil {
		if s := q.state(found.Values); s.lawful() && s.value > r.value {
			r.better(s)
		}
	}
	if all && !math.IsInf(found.Bound, 0) {
		r.ceiling = min(r.ceiling, max(r.value, r.d.ceiling(found.Bound+q.fixed)))
	}
	r.o.Progress(r.value, r.ceiling)
	return all, nil
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
func (r *run) open(most int) (q *question, all bool) {
	c := r.c
	gap := math.Inf(1)
	if r.best != nil {
		gap = (c.bound - r.value) * (1 + 1e-9)
	}
	all = c.covers(gap)
	count := func(gap float64) (n int) {
		for _, a := range c.order {
			if c.loss[a] <= gap {
				n++
			}
		}
		return n
	}
	if count(gap) > most {
		all = false
		gap = c.loss[c.order[min(fewAsked, len(c.order)-1)]]
	}
	q = &question{c: c, fixed: c.fixed, rest: slices.Clone(c.base)}
	if r.best != nil {
		copy(q.rest, r.best.at)
	}
	q.p.Maximize = true
	columnsOf := make([][]int32, len(c.classes))
	free := slices.Clone(c.free)
	rows, units := make([][]int32, c.m), make([][]float64, c.m)
	for k := range c.classes {
		var list []int32
		skip := int32(-1)
		for a := c.first[k]; a < c.first[k+1]; a++ {
			ours := r.best != nil && a == r.best.at[k]
			if c.loss[a] > gap && !ours && !(c.item[a] == None && c.near != nil && len(c.near[k]) > 0) {
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
			if r.best != nil {
				x := 0.0
				if r.best.at[k] == a {
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
	if c.near != nil {
		for k := range c.classes {
			for _, to := range c.near[k] {
				if int(to) > k && len(columnsOf[k]) > 0 && len(columnsOf[to]) > 0 {
					both := slices.Concat(columnsOf[k], columnsOf[to])
					q.p.AddRow(math.Inf(-1), 1, both, slices.Repeat([]float64{1}, len(both)))
				}
			}
		}
	}
	return q, all
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
