package mip

import (
	"fmt"
	"math"
)

// Tolerance is by how much a point may miss a bound or a row and still satisfy it,
// plus one part in 10⁹ of the largest number that is added up there: rows of whole
// numbers below 10⁹ hold exactly.
const Tolerance = 1e-6

// Check says whether the point x satisfies p, which must be valid: whole columns are
// whole exactly, bounds and rows hold within [Tolerance]. It shares no code with the
// solvers. A nil error means yes; otherwise an [*InputError] names a broken row.
func (p *Problem) Check(x []float64) error {
	if len(x) != len(p.Cost) {
		return wrong("point", len(x), "as many as columns, %d", len(p.Cost))
	}
	for j, v := range x {
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0):
			return wrongAt("point", j, v, "a number")
		case p.whole(j) && v != math.Trunc(v):
			return wrongAt("point", j, v, "a whole number")
		case outside(v, p.Lower[j], p.Upper[j], math.Abs(v)):
			return wrongAt("point", j, v, "from %g to %g", p.Lower[j], p.Upper[j])
		}
	}
	for i := range p.RowLower {
		sum, size := 0.0, 0.0
		index, value := p.Row(i)
		for t, j := range index {
			sum += value[t] * x[j]
			size = max(size, math.Abs(value[t]*x[j]))
		}
		if outside(sum, p.RowLower[i], p.RowUpper[i], size) {
			return wrong(fmt.Sprintf("row %d of the point", i), sum, "from %g to %g", p.RowLower[i], p.RowUpper[i])
		}
	}
	return nil
}

// outside says whether v misses [lower, upper] by more than the tolerance at a size.
func outside(v, lower, upper, size float64) bool {
	slack := Tolerance + 1e-9*size
	return v < lower-slack || v > upper+slack
}
