package knapsack

import (
	"context"
	"math"
)

// How exactly the dual is solved: far below what any choice can reach.
const (
	tolerance   = 1e-9
	evaluations = 500
)

// minimise solves the dual and returns its variables and the bound there.
func (d *dual) minimise(ctx context.Context) (y []float64, bound float64) {
	y = d.start()
	b := newBundle(d.eval, y)
	b.minimise(tolerance, evaluations, func() bool { return ctx.Err() != nil })
	return b.centre, b.value
}

// start looks for the factor at which equal prices of all limits are best.
func (d *dual) start() []float64 {
	n := len(d.limits)
	y, g := make([]float64, n), make([]float64, n)
	if n == 0 {
		return y
	}
	best := d.eval(y, g)
	unit := best / float64(n)
	at := make([]float64, n)
	for k := range at {
		if d.limits[k].sign > 0 {
			at[k] = unit
		}
	}
	for range 24 {
		if v := d.eval(at, g); v < best {
			best = v
			copy(y, at)
		} else if y[0] > 0 || y[n-1] > 0 {
			break
		}
		for k := range at {
			at[k] /= 2
		}
	}
	return y
}

// impossible says whether no choice can keep the limits, for a reason that shows
// without search.
func (d *dual) impossible() bool {
	p := d.p
	if d.graph != nil && d.graph.clash {
		return true
	}
	most := make([]float64, len(p.Rows))
	least := make([]float64, len(p.Rows))
	high, low := make([]int32, len(p.Rows)), make([]int32, len(p.Rows))
	times := make([]int32, len(p.Rows))
	for c := range p.Classes {
		class := &p.Classes[c]
		clear(high)
		clear(times)
		for r := range low {
			low[r] = math.MaxInt32
		}
		alive := int32(0)
		for i := class.First; i < class.Last; i++ {
			if d.isDead(i) {
				continue
			}
			alive++
			for _, u := range p.uses(i) {
				high[u.Row], low[u.Row] = max(high[u.Row], u.Units), min(low[u.Row], u.Units)
				times[u.Row]++
			}
		}
		if class.Mandatory && alive == 0 {
			return true
		}
		for r := range most {
			most[r] += float64(high[r])
			if class.Mandatory && times[r] == alive {
				least[r] += float64(low[r])
			}
		}
	}
	for r, row := range p.Rows {
		if most[r] < float64(row.Least) || row.Most != Unlimited && least[r] > float64(row.Most) {
			return true
		}
	}
	return false
}
