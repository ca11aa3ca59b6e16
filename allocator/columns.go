package allocator

import (
	"math"
	"slices"
)

const (
	priceRounds = 12   // prices that are tried
	settled     = 1e-5 // of the bound: what one more round has to gain
	nearlyThere = 1e-4 // of the bound: its distance from the value of the relaxation over columns

	ownPrecision    = 1e-6 // of the prices of a part's own rows
	columnPrecision = 1e-6
)

// narrow lowers the bound, beginning at the prices of the night, until it stands.
func (d *parts) narrow() error {
	y := make([]float64, len(d.work.prices))
	for _, row := range d.shared {
		y[row] = d.work.prices[row]
	}
	for range priceRounds {
		before := d.bound
		err := d.try(y)
		r := d.master()
		if d.cut = d.cut || d.ctx.Err() != nil; err != nil || !d.whole || r == nil || d.over(d.s) {
			return err
		}
		shares, _ := r.solve(d.ctx, columnPrecision, nil)
		if d.cut = d.cut || d.ctx.Err() != nil; d.bound-r.bound(shares)*r.unit <= nearlyThere*d.bound && before-d.bound <= settled*d.bound {
			return nil
		}
		y = d.s.m.unitPrices(r, shares)
	}
	return nil
}

// try asks all parts at prices of the shared rows, and notes what that proves.
func (d *parts) try(y []float64) error {
	bound := d.s.m.rent(y, d.short)
	answers := make([]answer, len(d.members))
	most := make([]float64, len(d.members))
	for i := range d.members {
		var err error
		if answers[i], err = d.ask(i, y); err != nil {
			return err
		}
		most[i] = answers[i].most
		bound += most[i]
	}
	bound += guard * math.Abs(bound)
	for _, a := range answers {
		for k, o := range a.options {
			d.limit[o] = min(d.limit[o], bound+a.ahead-a.loss[k])
		}
	}
	if bound < d.bound {
		d.bound, d.prices, d.most = bound, slices.Clone(y), most
		d.proved = min(d.proved, bound)
	}
	return nil
}

// add notes a plan of part i.
func (d *parts) add(i int, options []int32) {
	if slices.ContainsFunc(d.columns[i], func(k column) bool { return slices.Equal(k.options, options) }) {
		return
	}
	m, k := d.s.m, column{options: options, takes: make([]float64, len(d.shared))}
	units := make([]int64, len(m.rows))
	for _, o := range options {
		k.value += m.opts[o].value
		for _, u := range slices.Concat(m.opts[o].needs, m.opts[o].gives) {
			units[u.row] += u.units
		}
	}
	for j, row := range d.shared {
		if units[row] != 0 { // and so there is some of it
			k.takes[j] = float64(units[row]) / math.Abs(float64(m.rows[row].full))
		}
	}
	d.columns[i] = append(d.columns[i], k)
}

// master is the relaxation whose candidates are the parts, and options the columns; nil:
// none is worth anything.
func (d *parts) master() *relaxation {
	m := d.s.m
	r := &relaxation{free: m.free(), start: []int32{0}, first: []int32{0}}
	at := slices.Repeat([]int32{none}, len(d.shared))
	for j, row := range d.shared {
		most := 0.0
		for _, columns := range d.columns {
			top := 0.0
			for _, k := range columns {
				top = max(top, k.takes[j])
			}
			most += top
		}
		if most > 1 || m.rows[row].full < 0 {
			at[j] = int32(len(r.rows))
			r.rows = append(r.rows, row)
		}
	}
	for _, columns := range d.columns {
		for _, k := range columns {
			r.unit = max(r.unit, k.value)
		}
	}
	if r.unit == 0 {
		return nil
	}
	for _, columns := range d.columns {
		for _, k := range columns {
			r.value = append(r.value, k.value/r.unit)
			for j, take := range k.takes {
				if at[j] != none && take != 0 {
					r.row, r.take = append(r.row, at[j]), append(r.take, take)
				}
			}
			r.start = append(r.start, int32(len(r.row)))
		}
		r.first = append(r.first, int32(len(r.value)))
	}
	r.real = len(r.first) - 1
	r.addShortfalls(m, d.short)
	return r
}
