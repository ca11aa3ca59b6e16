package mip

import "math"

// Problem is a mixed-integer linear program of n columns and m rows:
//
//	min or max Σ Cost·x   so that   RowLower ≤ A·x ≤ RowUpper,   Lower ≤ x ≤ Upper,   x whole where Integer
//
// A is stored by rows: row i has the values Value[RowStart[i]:RowStart[i+1]] in the
// columns Index[RowStart[i]:RowStart[i+1]]. Bounds may be ±Inf. The zero value has no
// columns and no rows; [Problem.AddColumn] and [Problem.AddRow] fill it.
type Problem struct {
	Maximize bool // false: the least cost is sought

	Cost    []float64 // by column
	Lower   []float64 // by column
	Upper   []float64 // by column
	Integer []bool    // by column; nil: none is whole, which makes it a linear program

	RowLower []float64 // by row
	RowUpper []float64 // by row
	RowStart []int32   // m + 1 numbers, from 0 to len(Index), ascending; nil if there are no rows
	Index    []int32   // columns, each at most once in a row
	Value    []float64 // as many as Index
}

// AddColumn appends a column that is in no row yet, and returns its number.
func (p *Problem) AddColumn(cost, lower, upper float64, integer bool) int32 {
	for len(p.Integer) < len(p.Cost) {
		p.Integer = append(p.Integer, false)
	}
	p.Cost = append(p.Cost, cost)
	p.Lower = append(p.Lower, lower)
	p.Upper = append(p.Upper, upper)
	p.Integer = append(p.Integer, integer)
	return int32(len(p.Cost) - 1)
}

// AddRow appends lower ≤ Σ value·x[index] ≤ upper and copies what it is given.
func (p *Problem) AddRow(lower, upper float64, index []int32, value []float64) {
	if len(p.RowStart) == 0 {
		p.RowStart = []int32{0}
	}
	p.RowLower = append(p.RowLower, lower)
	p.RowUpper = append(p.RowUpper, upper)
	p.Index = append(p.Index, index...)
	p.Value = append(p.Value, value...)
	p.RowStart = append(p.RowStart, int32(len(p.Index)))
}

// Row returns the columns and values of row i.
func (p *Problem) Row(i int) (index []int32, value []float64) {
	from, to := p.RowStart[i], p.RowStart[i+1]
	return p.Index[from:to], p.Value[from:to]
}

// Objective returns Σ Cost·x.
func (p *Problem) Objective(x []float64) float64 {
	total := 0.0
	for j, c := range p.Cost {
		total += c * x[j]
	}
	return total
}

// Integers counts the columns that must be whole.
func (p *Problem) Integers() int {
	n := 0
	for _, whole := range p.Integer {
		if whole {
			n++
		}
	}
	return n
}

// whole says whether column j must be whole.
func (p *Problem) whole(j int) bool { return j < len(p.Integer) && p.Integer[j] }

// Limits of what a Problem may hold. Solvers drop smaller coefficients without a
// word and take larger bounds for infinite: better to refuse them here.
const (
	smallest = 1e-9
	largest  = 1e15
)

// Validate returns an [*InputError] for the first field that makes no sense. Lower
// bounds above upper ones do make sense: nothing satisfies them.
func (p *Problem) Validate() error {
	n, m := len(p.Cost), len(p.RowLower)
	switch {
	case len(p.Lower) != n:
		return wrong("lower", len(p.Lower), "as many as columns in cost, %d", n)
	case len(p.Upper) != n:
		return wrong("upper", len(p.Upper), "as many as columns in cost, %d", n)
	case p.Integer != nil && len(p.Integer) != n:
		return wrong("integer", len(p.Integer), "none, or as many as columns in cost, %d", n)
	case len(p.RowUpper) != m:
		return wrong("row_upper", len(p.RowUpper), "as many as in row_lower, %d", m)
	case len(p.Value) != len(p.Index):
		return wrong("value", len(p.Value), "as many as in index, %d", len(p.Index))
	case len(p.RowStart) != m+1 && (m > 0 || len(p.RowStart) > 0):
		return wrong("row_start", len(p.RowStart), "one more than rows in row_lower, %d", m+1)
	case m == 0 && len(p.Index) > 0:
		return wrong("index", len(p.Index), "none, as there are no rows")
	}
	for j, c := range p.Cost {
		if !(math.Abs(c) <= largest) {
			return wrongAt("cost", j, c, "a number of at most %g either way", largest)
		}
	}
	for _, b := range []struct {
		field string
		value []float64
		never int // the infinity that this side must not be
	}{{"lower", p.Lower, 1}, {"upper", p.Upper, -1}, {"row_lower", p.RowLower, 1}, {"row_upper", p.RowUpper, -1}} {
		for i, v := range b.value {
			if math.IsNaN(v) || math.IsInf(v, b.never) || math.Abs(v) > largest && !math.IsInf(v, 0) {
				return wrongAt(b.field, i, v, "a number of at most %g either way, or infinite on its own side", largest)
			}
		}
	}
	return p.validateRows()
}

func (p *Problem) validateRows() error {
	if len(p.RowLower) == 0 {
		return nil
	}
	if p.RowStart[0] != 0 || int(p.RowStart[len(p.RowStart)-1]) != len(p.Index) {
		return wrong("row_start", p.RowStart[len(p.RowStart)-1], "from 0 to the length of index, %d", len(p.Index))
	}
	last := make([]int, len(p.Cost)) // by column: the row it was seen in last, plus 1
	for i := range p.RowLower {
		if p.RowStart[i] > p.RowStart[i+1] || int(p.RowStart[i+1]) > len(p.Index) {
			return wrongAt("row_start", i+1, p.RowStart[i+1], "not less than the one before, %d, nor more than the length of index", p.RowStart[i])
		}
		for t := p.RowStart[i]; t < p.RowStart[i+1]; t++ {
			j, v := p.Index[t], p.Value[t]
			if j < 0 || int(j) >= len(p.Cost) {
				return wrongAt("index", int(t), j, "a column, 0 to %d", len(p.Cost)-1)
			}
			if last[j] == i+1 {
				return wrongAt("index", int(t), j, "each column at most once in row %d", i)
			}
			last[j] = i + 1
			if v != 0 && !(math.Abs(v) >= smallest && math.Abs(v) <= largest) {
				return wrongAt("value", int(t), v, "0, or between %g and %g either way", smallest, largest)
			}
		}
	}
	return nil
}
