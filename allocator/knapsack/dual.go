package knapsack

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
)

// dual is the Lagrangian dual of a problem: rows are priced instead of enforced, while
// classes and conflicts stay. At prices π of a unit of each row
//
//	L(π) = Σ_r rent_r(π_r) + max Σ (value − π·units)    over choices without conflict
//
// with rent π·Most for a price above 0 and π·Least for one below, is an upper bound on
// the value of every choice. It is convex, and its minimum is sought over one variable,
// 0 or more, for each limit that can bind.
type dual struct {
	p      *Problem
	limits []limit
	per    float64 // all values are whole numbers of this part of 1; 0: they are not
	dead   []bool  // items that alone exceed a row; nil: none
	graph  *graph  // conflicts; nil: none
	parts  []part  // classes in shares for the workers; fixed, so that sums are too

	price []float64 // by row, of one unit
	best  []int32   // by class: the item that its best profit takes, or None
	gain  []float64 // by class with conflicts: that profit
}

// limit is one side of a row: sign·used ≤ bound.
type limit struct {
	row   int32
	sign  float64 // +1: at most; −1: at least
	bound float64
	scale float64 // a variable of the dual prices so many units
}

// part is a run of classes with what they add to a sum.
type part struct {
	from, to int
	profit   float64
	used     []float64
}

const parts = 64

func newDual(p *Problem) *dual {
	d := &dual{p: p, price: make([]float64, len(p.Rows)), best: make([]int32, len(p.Classes)), per: p.parts()}
	d.graph = newGraph(p)
	d.findDead()
	d.findLimits()
	n := len(p.Classes)
	shares := min(parts, max(1, n/512))
	for k := range shares {
		d.parts = append(d.parts, part{from: k * n / shares, to: (k + 1) * n / shares, used: make([]float64, len(p.Rows))})
	}
	if d.graph != nil {
		d.gain = make([]float64, n)
	}
	return d
}

// findDead marks items that no choice can hold.
func (d *dual) findDead() {
	p := d.p
	for c := range p.Classes {
		barred := d.graph != nil && d.graph.barred[c]
		for i := p.Classes[c].First; i < p.Classes[c].Last; i++ {
			dead := barred
			for _, u := range p.uses(i) {
				dead = dead || int64(u.Units) > p.Rows[u.Row].Most
			}
			if dead && d.dead == nil {
				d.dead = make([]bool, len(p.Items))
			}
			if dead {
				d.dead[i] = true
			}
		}
	}
}

func (d *dual) isDead(i int32) bool { return d.dead != nil && d.dead[i] }

// findLimits lists the limits that all classes together could break.
func (d *dual) findLimits() {
	p := d.p
	total, most := make([]float64, len(p.Rows)), make([]int32, len(p.Rows))
	for c := range p.Classes {
		clear(most)
		for i := p.Classes[c].First; i < p.Classes[c].Last; i++ {
			if d.isDead(i) {
				continue
			}
			for _, u := range p.uses(i) {
				most[u.Row] = max(most[u.Row], u.Units)
			}
		}
		for r, m := range most {
			total[r] += float64(m)
		}
	}
	for r, row := range p.Rows {
		if row.Most != Unlimited && total[r] > float64(row.Most) {
			d.limits = append(d.limits, limit{int32(r), 1, float64(row.Most), max(1, float64(row.Most))})
		}
		if row.Least > 0 {
			d.limits = append(d.limits, limit{int32(r), -1, float64(row.Least), max(1, float64(row.Least))})
		}
	}
}

// setPrices turns the dual's variables into prices of a unit of each row.
func (d *dual) setPrices(y []float64) (rent float64) {
	clear(d.price)
	for k, l := range d.limits {
		d.price[l.row] += l.sign * y[k] / l.scale
		rent += l.sign * l.bound * y[k] / l.scale
	}
	return rent
}

// cost is what an item's uses cost at the prices set.
func (d *dual) cost(i int32) float64 {
	it, total := &d.p.Items[i], 0.0
	for _, u := range d.p.Uses[it.First:it.Last] {
		total += d.price[u.Row] * float64(u.Units)
	}
	return total
}

// eval returns L at y and its subgradient, and leaves the choice that attains it in best.
func (d *dual) eval(y []float64, g []float64) float64 {
	rent := d.setPrices(y)
	d.each(len(d.parts), func(k int) { d.evalPart(&d.parts[k]) })
	used := make([]float64, len(d.p.Rows))
	profit := 0.0
	for k := range d.parts {
		profit += d.parts[k].profit
		for r, u := range d.parts[k].used {
			used[r] += u
		}
	}
	for k, l := range d.limits {
		g[k] = l.sign * (l.bound - used[l.row]) / l.scale
	}
	return rent + profit
}

// each runs f for 0 to n−1 on as many goroutines as there are processors.
func (d *dual) each(n int, f func(k int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	if workers <= 1 || len(d.p.Items) < 1<<14 {
		for k := range n {
			f(k)
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for k := next.Add(1) - 1; int(k) < n; k = next.Add(1) - 1 {
				f(int(k))
			}
		})
	}
	wait.Wait()
}

// evalPart adds up one run of classes. Classes with conflicts belong to the part of
// their group's first class.
func (d *dual) evalPart(s *part) {
	s.profit = 0
	clear(s.used)
	for c := s.from; c < s.to; c++ {
		if d.graph != nil && d.graph.group[c] >= 0 {
			if members := d.graph.groups[d.graph.group[c]]; int(members[0]) == c {
				for _, m := range members {
					d.best[m], d.gain[m] = d.bestOf(m)
				}
				s.profit += d.graph.settle(members, d.gain, d.best)
				for _, m := range members {
					d.add(s, d.best[m])
				}
			}
			continue
		}
		best, gain := d.bestOf(int32(c))
		d.best[c] = best
		s.profit += gain
		d.add(s, best)
	}
}

func (d *dual) add(s *part, item int32) {
	if item == None {
		return
	}
	for _, u := range d.p.uses(item) {
		s.used[u.Row] += float64(u.Units)
	}
}

// bestOf is the item of a class with the largest profit, the first of equals, and that profit.
func (d *dual) bestOf(c int32) (item int32, gain float64) {
	class := &d.p.Classes[c]
	item, gain = None, 0
	if class.Mandatory {
		gain = math.Inf(-1)
	}
	for i := class.First; i < class.Last; i++ {
		if profit := d.p.Items[i].Value - d.cost(i); profit > gain && !d.isDead(i) {
			item, gain = i, profit
		}
	}
	return item, gain
}
