package effect

import "math"

// cholesky is the factor L of a positive definite matrix S = LL′ that grows by a
// row at a time.
type cholesky struct{ rows [][]float64 }

// collinear is the share of a covariate's variance that must be its own, beyond
// those before it: 1 − R² of its regression on them. Rounding alone leaves about
// 1e-15.
const collinear = 1e-10

// extend returns the row that a further line of S (its products with the lines
// before and, last, with itself) adds, or nil if that line is constant or
// depends on those before it.
func (c cholesky) extend(line []float64) []float64 {
	k := len(c.rows)
	row := make([]float64, k+1)
	pivot := line[k]
	for i, r := range c.rows {
		sum := line[i]
		for m := range i {
			sum -= row[m] * r[m]
		}
		row[i] = sum / r[i]
		pivot -= row[i] * row[i]
	}
	if !(line[k] > 0) || !(pivot > collinear*line[k]) {
		return nil
	}
	row[k] = math.Sqrt(pivot)
	return row
}

// solve returns S⁻¹b.
func (c cholesky) solve(b []float64) []float64 {
	x := append([]float64(nil), b...)
	for i, r := range c.rows {
		for m := range i {
			x[i] -= r[m] * x[m]
		}
		x[i] /= r[i]
	}
	for i := len(x) - 1; i >= 0; i-- {
		for m := i + 1; m < len(x); m++ {
			x[i] -= c.rows[m][i] * x[m]
		}
		x[i] /= c.rows[i][i]
	}
	return x
}

// inverse returns S⁻¹.
func (c cholesky) inverse() [][]float64 {
	all := make([][]float64, len(c.rows))
	for i := range all {
		unit := make([]float64, len(c.rows))
		unit[i] = 1
		all[i] = c.solve(unit)
	}
	return all
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
