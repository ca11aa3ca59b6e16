package sample

import "math"

// tail is the degrees of freedom of true effects: fat, with a variance, as the
// estimates for large programmes have it (docs/sample.md). bulk limits a draw
// to what a shipped change could conceivably do.
const (
	tail = 3
	bulk = 20.0
)

// strength is the true effect of one arm in units of its scale: one multivariate
// t draw over the metrics. Arms of one experiment share most of it.
type strength []float64

var effectRoot = cholesky(effectCorrelation)

// strengths draws the effects of n arms of one idea:
//
//	t = z/√(χ²₃/3), z = √a·z₀ + √(1−a)·z₁, a = 0.7
//
// where z₀, χ² are the idea's and z₁ the arm's; z₀, z₁ are normal with
// effectCorrelation. Each arm on its own is multivariate t with 3 degrees of
// freedom, so one big effect is big on all metrics.
func (g generator) strengths(n int) []strength {
	const shared = 0.7
	var chi float64
	for range tail {
		z := g.NormFloat64()
		chi += z * z
	}
	common, root := g.normals(effectRoot), math.Sqrt(chi/tail)
	arms := make([]strength, n)
	for i := range arms {
		arms[i] = g.normals(effectRoot)
		for m := range arms[i] {
			z := math.Sqrt(shared)*common[m] + math.Sqrt(1-shared)*arms[i][m]
			arms[i][m] = max(-bulk, min(bulk, z/root))
		}
	}
	return arms
}

// lifts turns a strength into relative lifts, metric by metric. "Worse on
// average" means more hides: the mean changes sign where less is better.
func (d draft) lifts(s strength) []float64 {
	lifts := make([]float64, len(metrics))
	for i, m := range metrics {
		mean := d.writer.mean
		if m.down {
			mean = -mean
		}
		lifts[i] = digits(m.scale * d.scale() * (mean + d.writer.spread*s[i]))
	}
	return lifts
}

// scale is that of the draft's surface, component and kind of change.
func (d draft) scale() float64 {
	kind, ok := spreadOf[d.idea.change]
	if !ok {
		kind = 1
	}
	return d.surface.scale * d.component.scale * kind
}

// normals draws a normal vector whose correlation has the given root.
func (g generator) normals(root [][]float64) []float64 {
	z := make([]float64, len(root))
	for i := range z {
		z[i] = g.NormFloat64()
	}
	x := make([]float64, len(root))
	for i, row := range root {
		for j := range i + 1 {
			x[i] += float64(row[j] * z[j])
		}
	}
	return x
}

// cholesky returns the lower triangular L with LLᵀ = a.
func cholesky(a [][]float64) [][]float64 {
	l := make([][]float64, len(a))
	for i := range a {
		l[i] = make([]float64, len(a))
		for j := range i + 1 {
			sum := a[i][j]
			for k := range j {
				sum -= float64(l[i][k] * l[j][k])
			}
			if i == j {
				l[i][i] = math.Sqrt(sum)
			} else {
				l[i][j] = sum / l[j][j]
			}
		}
	}
	return l
}

// digits rounds to six significant digits. Processors differ in the last bit
// of exp and of fused sums; after rounding, the sample does not.
func digits(x float64) float64 { return significantly(x, 6) }

func significantly(x float64, digits int) float64 {
	if x == 0 {
		return 0
	}
	after := digits - 1 - int(math.Floor(math.Log10(math.Abs(x))))
	if after < 0 { // 10^−n is not exact, 10^n is
		unit := math.Pow10(-after)
		return math.Round(x/unit) * unit
	}
	unit := math.Pow10(after)
	return math.Round(x*unit) / unit
}
