package mip

import "math"

// dictionary is a basis of a linear program, written out in full: each basic variable
// and the objective as sums over the variables that are not,
//
//	x_basic[i] = Σ t[i][c]·x_out[c],   objective = Σ d[c]·x_out[c], to be minimised
//
// Variables are the n columns, then the m rows: the value of a row is its sum. At the
// start all rows are basic. Rows and costs are scaled by powers of two so that their
// largest number is about 1, which makes tolerances mean the same everywhere.
type dictionary struct {
	p            *Problem
	n, m         int
	lower, upper []float64 // by variable
	x            []float64 // by variable
	cost         []float64 // by column, scaled, of minimising
	unit         float64   // the scale: cost·unit is the problem's, but for the sign
	rowUnit      []float64 // the scale of each row: row·rowUnit is the problem's

	basic, out []int32     // variables
	t          [][]float64 // m × n
	d          []float64
	stale      int // pivots since t was built

	work   *work
	stall  stall
	points []breakpoint // of the dual ratio test, kept for its memory
}

const (
	feasible = 1e-9  // by how much a value may miss its bound
	optimal  = 1e-9  // by how much a reduced cost may have the wrong sign
	pivotMin = 1e-8  // a smaller number is not divided by
	drop     = 1e-13 // a smaller number is rounding
	rebuild  = 400   // pivots after which rounding has added up
)

// newDictionary writes p out with all rows basic. Bounds of whole columns are whole.
func newDictionary(p *Problem) *dictionary {
	n, m := len(p.Cost), len(p.RowLower)
	d := &dictionary{p: p, n: n, m: m, lower: make([]float64, n+m), upper: make([]float64, n+m), x: make([]float64, n+m),
		cost: make([]float64, n), rowUnit: make([]float64, m), basic: make([]int32, m), out: make([]int32, n), d: make([]float64, n)}
	d.unit = power(p.Cost)
	for j, c := range p.Cost {
		if d.cost[j] = c / d.unit; p.Maximize {
			d.cost[j] = -d.cost[j]
		}
		if d.lower[j], d.upper[j] = p.Lower[j], p.Upper[j]; p.whole(j) {
			d.lower[j], d.upper[j] = math.Ceil(p.Lower[j]), math.Floor(p.Upper[j])
		}
	}
	d.t = make([][]float64, m)
	all := make([]float64, n*m)
	for i := range m {
		_, value := p.Row(i)
		d.rowUnit[i] = power(value)
		d.lower[n+i], d.upper[n+i] = p.RowLower[i]/d.rowUnit[i], p.RowUpper[i]/d.rowUnit[i]
		d.t[i] = all[i*n : (i+1)*n : (i+1)*n]
	}
	d.reset()
	return d
}

// power is the power of two next to the largest of the values; 1 if there is none.
func power(values []float64) float64 {
	largest := 0.0
	for _, v := range values {
		largest = max(largest, math.Abs(v))
	}
	if largest == 0 {
		return 1
	}
	_, exponent := math.Frexp(largest)
	return math.Ldexp(1, exponent)
}

// reset makes all rows basic.
func (d *dictionary) reset() {
	for i := range d.m {
		d.basic[i] = int32(d.n + i)
		clear(d.t[i])
		index, value := d.p.Row(i)
		for k, j := range index {
			d.t[i][j] = value[k] / d.rowUnit[i]
		}
	}
	for j := range d.n {
		d.out[j] = int32(j)
	}
	copy(d.d, d.cost)
	d.stale = 0
}

// evaluate computes the basic variables from the others.
func (d *dictionary) evaluate() {
	for i, ti := range d.t {
		sum := 0.0
		for c, a := range ti {
			if a != 0 {
				sum += a * d.x[d.out[c]]
			}
		}
		d.x[d.basic[i]] = sum
	}
}

// objective is what is minimised, scaled.
func (d *dictionary) objective() float64 {
	sum := 0.0
	for c, cost := range d.d {
		if cost != 0 {
			sum += cost * d.x[d.out[c]]
		}
	}
	return sum
}

// pivot exchanges basic[r] and out[c].
func (d *dictionary) pivot(r, c int) {
	row := d.t[r]
	inverse := 1 / row[c]
	for k := range row {
		row[k] *= -inverse
	}
	row[c] = inverse
	for i, ti := range d.t {
		if i != r && ti[c] != 0 {
			replace(ti, row, c)
		}
	}
	if d.d[c] != 0 {
		replace(d.d, row, c)
	}
	d.basic[r], d.out[c] = d.out[c], d.basic[r]
	d.stale++
	d.work.pivots++
}

// replace puts row in the place of the variable c in the sum s.
func replace(s, row []float64, c int) {
	f := s[c]
	s[c] = 0
	row = row[:len(s)]
	for k, a := range row {
		if v := s[k] + f*a; math.Abs(v) > drop {
			s[k] = v
		} else {
			s[k] = 0
		}
	}
}

// shift moves the variable out[c] by step, and the basic ones with it.
func (d *dictionary) shift(c int, step float64) {
	d.x[d.out[c]] += step
	for i, ti := range d.t {
		if ti[c] != 0 {
			d.x[d.basic[i]] += ti[c] * step
		}
	}
}

// refresh builds the dictionary of the same basis again, which takes out the rounding
// that has added up. A basis that has become singular loses what it cannot hold.
func (d *dictionary) refresh() {
	var enter []int32
	for _, v := range d.basic {
		if int(v) < d.n {
			enter = append(enter, v)
		}
	}
	stays := make([]bool, d.n+d.m) // rows that are basic in the end
	for _, v := range d.basic {
		stays[v] = true
	}
	d.reset()
	for _, v := range enter {
		c := int(v) // a column is out at its own number until it enters
		best := -1
		for i, b := range d.basic {
			if int(b) >= d.n && !stays[b] && (best < 0 || math.Abs(d.t[i][c]) > math.Abs(d.t[best][c])) {
				best = i
			}
		}
		if best >= 0 && math.Abs(d.t[best][c]) > pivotMin {
			d.pivot(best, c)
		}
	}
	for _, v := range d.out {
		d.settle(v)
	}
	d.stale = 0
	d.evaluate()
}

// settle puts a variable that is not basic at the bound that is nearest, if it is not
// at one: it may have been basic, or fixed for a while. A free one is put at 0.
func (d *dictionary) settle(v int32) {
	low, high := d.lower[v], d.upper[v]
	switch {
	case d.x[v] == low || d.x[v] == high:
	case math.IsInf(low, 0) && math.IsInf(high, 0):
		d.x[v] = 0
	case d.x[v]-low <= high-d.x[v]:
		d.x[v] = low
	default:
		d.x[v] = high
	}
}
