package mip

import (
	"cmp"
	"math"
	"slices"
)

// verdict is how a linear program ended.
type verdict int

const (
	solved     verdict = iota
	impossible         // nothing satisfies it
	endless            // the objective has no end
	stopped            // by a limit
)

// solve finds the least objective from the basis at hand. If that basis is dual
// feasible, or a change of bounds of boxed variables makes it so, the dual simplex method
// does it alone. Otherwise it finds a point first, with all costs 0, and the primal
// method goes on from there.
func (d *dictionary) solve() verdict {
	d.stall = stall{}
	ready := d.flipToDual()
	if !ready {
		clear(d.d)
	}
	if end := d.dual(); end != solved {
		return end
	}
	if !ready {
		d.price()
	}
	return d.primal()
}

// price computes the reduced costs from the costs.
func (d *dictionary) price() {
	for c, v := range d.out {
		if d.d[c] = 0; int(v) < d.n {
			d.d[c] = d.cost[v]
		}
	}
	for i, v := range d.basic {
		if int(v) < d.n && d.cost[v] != 0 {
			for c, a := range d.t[i] {
				d.d[c] += d.cost[v] * a
			}
		}
	}
}

// flipToDual puts variables that are not basic at a bound, the one that their reduced
// cost asks for. It says whether all could be.
func (d *dictionary) flipToDual() bool {
	all := true
	for c, v := range d.out {
		d.settle(v)
		want := d.x[v]
		if d.d[c] > optimal {
			want = d.lower[v]
		} else if d.d[c] < -optimal {
			want = d.upper[v]
		}
		if math.IsInf(want, 0) {
			all = false
		} else {
			d.x[v] = want
		}
	}
	d.evaluate()
	return all
}

// dual lets basic variables that miss a bound leave until none does.
func (d *dictionary) dual() verdict {
	for {
		if d.work.over() {
			return stopped
		}
		if d.stale >= rebuild {
			d.refreshAll()
		}
		r, step := d.leaving()
		if r < 0 {
			if d.stale == 0 || d.accurate() {
				return solved
			}
			d.refreshAll()
			continue
		}
		c := d.entering(r, step)
		if c < 0 {
			if d.stale > 0 {
				d.refreshAll()
				continue
			}
			return impossible
		}
		v := d.basic[r]
		target := d.lower[v]
		if step < 0 {
			target = d.upper[v]
		}
		d.stall.look(math.Abs(d.d[c]) > optimal)
		d.shift(c, (target-d.x[v])/d.t[r][c])
		d.x[v] = target
		d.pivot(r, c)
	}
}

// refreshAll is refresh, for a dictionary whose costs may be set aside.
func (d *dictionary) refreshAll() {
	aside := !slices.ContainsFunc(d.d, func(v float64) bool { return v != 0 })
	d.refresh()
	if aside {
		clear(d.d)
	}
}

// leaving picks the basic variable that misses a bound by most, and says by how much.
func (d *dictionary) leaving() (r int, step float64) {
	r = -1
	for i, v := range d.basic {
		miss := d.lower[v] - d.x[v]
		if over := d.upper[v] - d.x[v]; over < 0 {
			miss = over
		} else if miss < 0 {
			continue
		}
		if math.Abs(miss) <= feasible {
			continue
		}
		if d.stall.bland() {
			if r < 0 || v < d.basic[r] {
				r, step = i, miss
			}
		} else if math.Abs(miss) > math.Abs(step) {
			r, step = i, miss
		}
	}
	return r, step
}

// breakpoint is where a reduced cost becomes 0 on the way of a dual step.
type breakpoint struct {
	at     float64
	column int
	size   float64 // of the number that would be divided by
}

// entering picks the variable that enters for basic[r], which has to move by step. On
// the way, boxed variables whose reduced cost changes sign go to their other bound as
// long as that is not enough: those are steps without a pivot. −1: nothing can move it.
func (d *dictionary) entering(r int, step float64) int {
	row := d.t[r]
	points := d.points[:0]
	for c, a := range row {
		v := d.out[c]
		if math.Abs(a) <= pivotMin || d.lower[v] == d.upper[v] {
			continue
		}
		up := (a > 0) == (step > 0) // the way that helps
		if up && d.x[v] >= d.upper[v] || !up && d.x[v] <= d.lower[v] {
			continue
		}
		points = append(points, breakpoint{math.Abs(d.d[c] / a), c, math.Abs(a)})
	}
	d.points = points
	if len(points) == 0 {
		return -1
	}
	if d.stall.bland() {
		return slices.MinFunc(points, func(a, b breakpoint) int {
			return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(d.out[a.column], d.out[b.column]))
		}).column
	}
	slices.SortFunc(points, func(a, b breakpoint) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(b.size, a.size), cmp.Compare(a.column, b.column))
	})
	left := math.Abs(step)
	last := 0
	for last < len(points)-1 {
		v := d.out[points[last].column]
		if left -= points[last].size * (d.upper[v] - d.lower[v]); left <= feasible || math.IsNaN(left) {
			break
		}
		last++
	}
	// Of those at about the same place, the largest number is the safest to divide by.
	best := last
	for k := last; k >= 0 && points[k].at >= points[last].at-optimal; k-- {
		if points[k].size > points[best].size {
			best = k
		}
	}
	for _, b := range points[:best] {
		v := d.out[b.column]
		if d.x[v] == d.lower[v] {
			d.shift(b.column, d.upper[v]-d.lower[v])
			d.x[v] = d.upper[v]
		} else {
			d.shift(b.column, d.lower[v]-d.x[v])
			d.x[v] = d.lower[v]
		}
	}
	return points[best].column
}

// primal lets variables enter that make the objective less, from a point that
// satisfies everything.
func (d *dictionary) primal() verdict {
	for {
		if d.work.over() {
			return stopped
		}
		if d.stale >= rebuild {
			d.refresh()
			if r, _ := d.leaving(); r >= 0 {
				return d.solve()
			}
		}
		c := d.improving()
		if c < 0 {
			return solved
		}
		if !d.advance(c) {
			return endless
		}
	}
}

// improving picks the variable whose reduced cost promises most; −1: none does.
func (d *dictionary) improving() int {
	best := -1
	for c, v := range d.out {
		cost := d.d[c]
		if cost > optimal && d.x[v] <= d.lower[v] || cost < -optimal && d.x[v] >= d.upper[v] || math.Abs(cost) <= optimal {
			continue
		}
		if best < 0 || d.stall.bland() && v < d.out[best] || !d.stall.bland() && math.Abs(cost) > math.Abs(d.d[best]) {
			best = c
		}
	}
	return best
}

// advance moves out[c] the way that its reduced cost asks for, as far as the bounds
// allow, and pivots if another variable stops it. It says whether anything stops it.
func (d *dictionary) advance(c int) bool {
	v := d.out[c]
	way, longest := 1.0, d.upper[v]-d.x[v]
	if d.d[c] > 0 {
		way, longest = -1, d.x[v]-d.lower[v]
	}
	stop := -1
	for i, ti := range d.t {
		a := ti[c] * way
		b := d.basic[i]
		room := math.Inf(1)
		if a > pivotMin {
			room = (d.upper[b] - d.x[b]) / a
		} else if a < -pivotMin {
			room = (d.lower[b] - d.x[b]) / a
		}
		room = max(room, 0)
		if room < longest-feasible || stop >= 0 && room <= longest+feasible && d.safer(i, stop, c) {
			longest, stop = min(room, longest), i
		}
	}
	if math.IsInf(longest, 1) {
		return false
	}
	d.stall.look(longest > feasible)
	d.shift(c, way*longest)
	if stop < 0 {
		if d.x[v] = d.upper[v]; way < 0 {
			d.x[v] = d.lower[v]
		}
		return true
	}
	b := d.basic[stop]
	if d.x[b] = d.lower[b]; d.t[stop][c]*way > 0 {
		d.x[b] = d.upper[b]
	}
	d.pivot(stop, c)
	return true
}

// safer says whether row i is a better one to pivot on than row j, both stopping c.
func (d *dictionary) safer(i, j, c int) bool {
	if d.stall.bland() {
		return d.basic[i] < d.basic[j]
	}
	return math.Abs(d.t[i][c]) > math.Abs(d.t[j][c])
}

// accurate says whether the values still agree with the problem's own numbers.
func (d *dictionary) accurate() bool {
	for i := range d.m {
		sum, size := 0.0, 1.0
		index, value := d.p.Row(i)
		for k, j := range index {
			term := value[k] / d.rowUnit[i] * d.x[j]
			sum += term
			size = max(size, math.Abs(term))
		}
		if math.Abs(sum-d.x[d.n+i]) > feasible*size {
			return false
		}
	}
	return true
}

// stall counts steps that change nothing. After many of them in a row, the smallest
// number decides ties and more, which is slow and cannot go round in circles.
type stall struct{ steps int }

func (s *stall) look(progress bool) {
	if s.steps++; progress {
		s.steps = 0
	}
}

func (s *stall) bland() bool { return s.steps > 200 }
