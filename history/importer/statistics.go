package importer

import (
	"math"
	"slices"

	"github.com/assay-planner/assay/history/mapping"
)

// sums are the sufficient statistics of a batch, row by row, as in Outcomes.
type sums struct{ n, y, yy, d, dd, yd, x, xx, xy, xd []float64 }

// rounding is how far, relative to their size, sums may contradict each other:
// files carry six to seventeen digits.
const rounding = 1e-6

// statistic turns the columns of s into sums, and reports rows that no users
// could have produced.
func (r *reader) statistic(s *mapping.Statistic) sums {
	get := func(name string, required bool) []float64 { return r.numbers(s.Columns[name], required) }
	given := func(name string) bool { return s.Columns[name] != "" }
	var out sums
	switch s.Kind {
	case mapping.Proportion:
		out.n, out.y = get("trials", true), get("successes", true)
		out.yy = out.y // a success counts 1, and 1² = 1
		r.checkCounts(out.n, s.Columns["trials"])
		r.checkSuccesses(out, s.Columns["successes"], s.Columns["trials"])
	case mapping.Mean:
		out.n = get("n", true)
		mean := get("mean", true)
		r.checkCounts(out.n, s.Columns["n"])
		out.y, out.yy = fromMoments(out.n, mean, r.variance(s, out.n))
	case mapping.Sums:
		out.n, out.y, out.yy = get("n", true), get("y", true), get("yy", true)
		r.checkCounts(out.n, s.Columns["n"])
		r.checkSquares(out.n, out.y, out.yy, s.Columns["yy"], "Σy² is less than (Σy)²/n")
		if given("d") {
			out.d, out.dd, out.yd = get("d", true), get("dd", true), get("yd", true)
			r.checkSquares(out.n, out.d, out.dd, s.Columns["dd"], "Σd² is less than (Σd)²/n")
			r.checkProducts(out.n, out.y, out.yy, out.d, out.dd, out.yd, s.Columns["yd"], "Σyd is more than Σy² and Σd² allow")
		}
		if given("x") {
			out.x, out.xx, out.xy = get("x", true), get("xx", true), get("xy", true)
			r.checkSquares(out.n, out.x, out.xx, s.Columns["xx"], "Σx² is less than (Σx)²/n")
			r.checkProducts(out.n, out.y, out.yy, out.x, out.xx, out.xy, s.Columns["xy"], "Σxy is more than Σx² and Σy² allow")
		}
		if given("xd") {
			out.xd = get("xd", true)
			r.checkProducts(out.n, out.x, out.xx, out.d, out.dd, out.xd, s.Columns["xd"], "Σxd is more than Σx² and Σd² allow")
		}
	}
	if out.x == nil {
		zero := make([]float64, len(out.n))
		out.x, out.xx, out.xy, out.xd = zero, zero, zero, zero
	}
	switch {
	case out.d == nil:
		out.d, out.dd, out.yd, out.xd = out.n, out.n, out.y, out.x // d = 1 for every user
	case out.xd == nil:
		out.xd = slices.Repeat([]float64{math.NaN()}, len(out.n))
	}
	return out
}

// variance returns the sample variance (n − 1 below) of one user; NaN where the
// file gives none.
func (r *reader) variance(s *mapping.Statistic, n []float64) []float64 {
	for _, name := range []string{"variance", "sd", "se"} {
		column := s.Columns[name]
		if column == "" {
			continue
		}
		given := r.numbers(column, false)
		variance := given
		if name != "variance" {
			variance = make([]float64, len(given))
		}
		for i, v := range given {
			if v < 0 {
				r.report(i, column, r.column(column).shown(i), name+" is negative")
			}
			switch name {
			case "sd":
				variance[i] = v * v
			case "se":
				variance[i] = v * v * n[i]
			}
		}
		return variance
	}
	return nil
}

// fromMoments returns Σy = nȳ and Σy² = (n − 1)s² + nȳ².
func fromMoments(n, mean, variance []float64) (y, yy []float64) {
	y, yy = make([]float64, len(n)), make([]float64, len(n))
	for i := range n {
		y[i] = n[i] * mean[i]
		yy[i] = (n[i]-1)*variance[i] + y[i]*mean[i]
	}
	return y, yy
}

// checkCounts wants whole numbers of at least one user. Files that went through
// a float may be off by a rounding error.
func (r *reader) checkCounts(n []float64, column string) {
	for i, x := range n {
		switch {
		case x > 0 && x < 1<<53 && math.Abs(x-math.Round(x)) <= rounding*max(1, x*1e-9):
		case x-x != 0: // already reported
		case x <= 0:
			r.report(i, column, r.column(column).shown(i), "is not a positive number of users")
		default:
			r.report(i, column, r.column(column).shown(i), "is not a whole number of users")
		}
	}
}

func (r *reader) checkSuccesses(s sums, column, trials string) {
	for i, y := range s.y {
		switch {
		case y-y != 0: // already reported
		case y < 0:
			r.report(i, column, r.column(column).shown(i), "is negative")
		case y > s.n[i]:
			r.report(i, column, r.column(column).shown(i), "is more than its "+trials+" of "+r.column(trials).shown(i))
		case math.Abs(y-math.Round(y)) > rounding:
			r.report(i, column, r.column(column).shown(i), "is not a whole number of successes")
		}
	}
}

// checkSquares wants Σy² ≥ (Σy)²/n, by Cauchy and Schwarz.
func (r *reader) checkSquares(n, y, yy []float64, column, reason string) {
	for i := range n {
		if least := y[i] * y[i] / n[i]; n[i] > 0 && yy[i] < least-rounding*least {
			r.report(i, column, r.column(column).shown(i), reason)
		}
	}
}

// checkProducts wants |Σ(a−ā)(b−b̄)|² ≤ Σ(a−ā)² Σ(b−b̄)².
func (r *reader) checkProducts(n, a, aa, b, bb, ab []float64, column, reason string) {
	for i := range n {
		if n[i] <= 0 {
			continue
		}
		covariance := ab[i] - a[i]*b[i]/n[i]
		most := math.Sqrt(max(0, aa[i]-a[i]*a[i]/n[i]) * max(0, bb[i]-b[i]*b[i]/n[i]))
		if math.Abs(covariance) > most+rounding*(math.Sqrt(aa[i]*bb[i])+math.Abs(ab[i])) {
			r.report(i, column, r.column(column).shown(i), reason)
		}
	}
}
