package allocator

import (
	"math"
	"slices"

	"github.com/assay-planner/assay/allocator/mip"
)

// parts are a night in parts: candidates that want users of the same segment, or could
// meet on them, are in one. What parts have in common are machines and quotas. With these
// rows priced instead of enforced,
//
//	L(y) = Σ_r ±y_r + Σ_parts max (value − y·take)   over the plans of each part
//
// bounds every plan, as the relaxation does, and better: whole buckets, and the conflicts
// and prerequisites within a part, count. Each part is small enough to be solved exactly.
// The best y is found by column generation (columns.go), the Dantzig–Wolfe decomposition.
type parts struct {
	*work
	s       *state
	members [][]int32 // candidates by part
	owner   []int32   // by row: the part that alone touches it, none, or several
	shared  []int32   // rows of several, and all Leasts
	columns [][]column

	bound  float64   // the least L(y) so far
	prices []float64 // its y, per unit of every row
	most   []float64 // and its maximum by part
	whole  bool      // all parts were small enough to be solved
	guides [2]*guide // by what the parts say of options; by the prices alone, which narrows more than is proved
}

// column is a plan of one part.
type column struct {
	options []int32
	value   float64
	takes   []float64 // by shared row, as a share of it; of a Least below 0
}

const (
	several  = -2
	partOpen = 2_000 // options of a part that are left to branch and bound, at most
	partWork = 4_000 // its pivots
	joinMost = 1_000 // options of parts that a prerequisite makes one, at most
	guard    = 1e-9  // of a bound, for rounding
)

// newParts splits a night; nil: there is nothing to split.
func newParts(w *work, s *state) *parts {
	d := &parts{work: w, s: s, members: s.m.apart(), bound: math.Inf(1), whole: true}
	if len(d.members) < 2 {
		return nil
	}
	d.findShared()
	d.columns = make([][]column, len(d.members))
	for i, members := range d.members {
		var options []int32
		for _, c := range members {
			if o := s.chosen[c]; o != none {
				options = append(options, o)
			}
		}
		d.add(i, options)
	}
	return d
}

// apart lists candidates by the segments whose users they need; segments that a
// candidate can choose between are one, and those that a prerequisite joins, as long as
// they are small together and not all there is.
func (m *model) apart() [][]int32 {
	up, size := make([]int32, len(m.order)), make([]int, len(m.order)) // points to a smaller one of its part; options, by first member
	parts := 0
	find := func(c int32) int32 {
		for up[c] != c {
			up[c] = up[up[c]]
			c = up[c]
		}
		return c
	}
	join := func(a, b int32) {
		if a, b = find(a), find(b); a != b {
			up[max(a, b)] = min(a, b)
			size[min(a, b)] += size[max(a, b)]
			parts--
		}
	}
	first := map[int32]int32{} // by segment
	for c := range int32(len(m.order)) {
		if up[c], size[c] = c, len(m.optionsOf(c)); size[c] > 0 {
			parts++
		}
		for _, o := range m.optionsOf(c) {
			if k, seen := first[o.segment]; o.segment >= 0 && seen {
				join(c, k)
			} else if o.segment >= 0 {
				first[o.segment] = c
			}
		}
	}
	for c := range int32(len(m.order)) {
		for _, r := range m.requires[c] {
			if size[c] > 0 && parts > 2 && size[find(c)]+size[find(r)] <= joinMost {
				join(c, r)
			}
		}
	}
	var members [][]int32
	at := make([]int, len(m.order)) // by first member: its part, plus 1
	for c := range int32(len(m.order)) {
		if len(m.optionsOf(c)) == 0 {
			continue
		}
		lead := find(c)
		if at[lead] == 0 {
			members = append(members, nil)
			at[lead] = len(members)
		}
		members[at[lead]-1] = append(members[at[lead]-1], c)
	}
	return members
}

// findShared tells rows of one part from those that several share.
func (d *parts) findShared() {
	m := d.s.m
	d.owner = slices.Repeat([]int32{none}, len(m.rows))
	for i, members := range d.members {
		for _, c := range members {
			for _, o := range m.optionsOf(c) {
				for _, u := range o.needs {
					if now := &d.owner[u.row]; *now == none {
						*now = int32(i)
					} else if *now != int32(i) {
						*now = several
					}
				}
			}
		}
	}
	for row := range int32(len(m.rows)) {
		if row >= int32(m.limits) {
			d.owner[row] = several
		}
		if d.owner[row] == several {
			d.shared = append(d.shared, row)
		}
	}
}

// answer is what a part says to prices.
type answer struct {
	most    float64 // no plan of it is worth more, less what it takes
	ahead   float64 // of most is the bound that losses are counted from
	options []int32 // all of its members
	loss    []float64
}

// ask asks part i for its best plan at prices of the shared rows. What that could hold is
// known from the prices of its own rows.
func (d *parts) ask(i int, y []float64) (answer, error) {
	m := d.s.m
	net := func(o int32) float64 { return d.net(o, y) }
	var a answer
	for _, c := range d.members[i] {
		for o := m.first[c]; o < m.first[c+1]; o++ {
			a.options = append(a.options, o)
		}
	}
	free := m.free()
	for row := range free {
		if d.owner[row] != int32(i) {
			free[row] = math.MaxInt64
		}
	}
	upper := d.losses(&a, free, net)
	slack := guard * math.Abs(upper)
	a.most = upper + slack
	lower, known := d.known(i, y)
	var ids []int32
	for k, o := range a.options {
		if a.loss[k] <= upper-lower+slack || slices.Contains(known, o) {
			ids = append(ids, o)
		}
	}
	if len(ids) > partOpen || d.ctx.Err() != nil {
		d.whole = false
		return a, nil
	}
	inside := make([]bool, len(m.order))
	for _, c := range d.members[i] {
		inside[c] = true
	}
	q := newProgram(d.s, ids, free, inside)
	q.maximise(net)
	for j, o := range q.option {
		if q.start[j] = 0; slices.Contains(known, o) {
			q.start[j] = 1
		}
	}
	found, err := d.solve(small, q, partWork)
	if err != nil || found.Values == nil {
		return a, err
	}
	a.most = min(a.most, max(lower, (found.Bound+2*mip.Rounding(found.Bound))*q.unit)+slack)
	a.ahead = upper + slack - a.most
	var options []int32
	for j, o := range q.option {
		if found.Values[j] > 0.5 {
			options = append(options, o)
		}
	}
	d.add(i, options)
	return a, nil
}

// net is what an option is worth less what it takes of shared rows.
func (d *parts) net(o int32, y []float64) float64 {
	opt := &d.s.m.opts[o]
	return opt.value - cost(opt.needs, y) - cost(opt.gives, y)
}

// known is the plan known of part i that is worth most at prices.
func (d *parts) known(i int, y []float64) (value float64, options []int32) {
	for _, k := range d.columns[i] {
		sum := 0.0
		for _, o := range k.options {
			sum += d.net(o, y)
		}
		if sum > value {
			value, options = sum, k.options
		}
	}
	return value, options
}

// losses fills in how far options lie behind the best of their candidates at prices of
// the rows of their part, and returns the bound of these.
func (d *parts) losses(a *answer, free []int64, net func(o int32) float64) (upper float64) {
	m := d.s.m
	r := relax(m, a.options, free, 0)
	for k, o := range a.options {
		r.value[k] = net(o) / r.unit
	}
	y, _ := r.solve(d.ctx, ownPrecision, nil)
	prices := m.unitPrices(r, y)
	for _, row := range r.rows {
		upper += prices[row] * float64(free[row])
	}
	a.loss = make([]float64, len(a.options))
	for from := 0; from < len(a.options); {
		to, best := from, 0.0
		for ; to < len(a.options) && m.opts[a.options[to]].cand == m.opts[a.options[from]].cand; to++ {
			a.loss[to] = net(a.options[to]) - cost(m.opts[a.options[to]].needs, prices)
			best = max(best, a.loss[to])
		}
		for ; from < to; from++ {
			a.loss[from] = best - a.loss[from]
		}
		upper += best
	}
	return upper
}
