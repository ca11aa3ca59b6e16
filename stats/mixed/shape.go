package mixed

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/mathext"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/solve"
	"github.com/assay-planner/assay/stats/shrink"
)

// Shape is what the distribution of residuals ε may look like. Its scale is learned.
type Shape string

const (
	// Normal residuals: no idea is far better than its features say.
	Normal Shape = "normal"
	// Student residuals have a tail index that is learned: 13 values of the degrees of
	// freedom from 2.1 to 100 are tried, on a grid of normals whose SDs are a factor √2 apart.
	Student Shape = "t"
	// Adaptive residuals are a scale mixture of normals with weights that are learned
	// (shrink.Adaptive): any symmetric shape with one mode that is such a mixture.
	Adaptive Shape = "mixture"
)

// likeliest is the τ² ≥ 0 that maximises Σ share · log N(r; 0, τ² + SE²), by its
// derivative.
func likeliest(noise, squares, share []float64) float64 {
	slope := func(v float64) (sum float64) {
		for i, s := range squares {
			t := v + noise[i]
			sum += share[i] * (s/t - 1) / t
		}
		return sum
	}
	high := 0.0
	for _, s := range squares {
		high = math.Max(high, s)
	}
	if slope(0) <= 0 || high == 0 {
		return 0
	}
	return solve.Root(0, high, 1e-12*high, slope)
}

// fit is the likeliest tail of a shape other than Normal. It is not ok where there is no
// spread to see.
func (s Shape) fit(rs []residual, before *place) (t tail, ok bool) {
	sds := grid(rs)
	if s == Student {
		return student(rs, sds, before)
	}
	es := make([]stats.Estimate, len(rs))
	for i, r := range rs {
		es[i] = stats.Estimate{Value: math.Sqrt(r.square), SE: math.Sqrt(r.noise)}
	}
	fit, err := shrink.Adaptive(es, shrink.Options{SDs: sds, NullWeight: 1})
	if err != nil {
		return tail{}, false
	}
	for k, w := range fit.Weights {
		if w > 1e-6 {
			t.variances = append(t.variances, fit.Components[k].SD*fit.Components[k].SD)
			t.weights = append(t.weights, w)
		}
	}
	return t, true
}

// grid are SDs a factor √2 apart, from a tenth of the smallest standard error to twice the
// largest residual, but at most 60. Source: Stephens (2017), Biostatistics 18:275–294,
// §3.1.
func grid(rs []residual) []float64 {
	low, high := math.Inf(1), 0.0
	for _, r := range rs {
		low, high = math.Min(low, r.noise/100), math.Max(high, 4*r.square)
	}
	high = math.Max(high, 4*low)
	low = math.Max(low, high/math.Exp2(58))
	sds := []float64{}
	for v := low; v < 2*high; v *= 2 {
		sds = append(sds, math.Sqrt(v))
	}
	return sds
}

// freedoms are the degrees of freedom that student tries.
var freedoms = []float64{2.1, 2.5, 3, 3.5, 4, 5, 6, 8, 10, 14, 20, 40, 100}

// student is the likeliest t, written as normals on the grid: bayes.FitStudentT takes
// seconds where this takes milliseconds, for it needs each likelihood of each residual
// under each normal once only. It climbs from a t that it found before, when features said
// a little less or more, if there was one. It is not ok where a scale below the grid is
// likelier.
func student(rs []residual, sds []float64, before *place) (best tail, ok bool) {
	search := newSearch(rs, sds)
	var at place
	if before != nil {
		at = search.near(*before)
	} else {
		at = search.anywhere()
	}
	best = tail{weights: studentWeights(at.freedom, at.scale, len(sds)), place: &at}
	for _, sd := range sds {
		best.variances = append(best.variances, sd*sd)
	}
	return best, at.scale > 0
}

// search looks for the likeliest t. It knows each residual's likelihood under each normal
// of the grid, and that of each t that it has seen.
type search struct {
	rows  [][]float64
	sds   int
	known map[place]float64
}

func newSearch(rs []residual, sds []float64) search {
	const most = 2048
	s := search{sds: len(sds), known: map[place]float64{}}
	step := max(1, (len(rs)+most-1)/most)
	for i := step / 2; i < len(rs); i += step {
		row := make([]float64, len(sds))
		for k, sd := range sds {
			v := sd*sd + rs[i].noise
			row[k] = math.Exp((1-rs[i].square/v)/2) / math.Sqrt(v)
		}
		s.rows = append(s.rows, row)
	}
	return s
}

func (s search) log(p place) float64 {
	if p.freedom < 0 || p.freedom >= len(freedoms) || p.scale < 0 || p.scale >= finer*s.sds {
		return math.Inf(-1)
	}
	if _, is := s.known[p]; !is {
		s.known[p] = logLikelihood(s.rows, studentWeights(p.freedom, p.scale, s.sds))
	}
	return s.known[p]
}

// climb goes over scales to the likeliest nearby.
func (s search) climb(p place) place {
	for step := finer; step > 0; {
		from := p
		for _, next := range []place{{p.freedom, from.scale - step}, {p.freedom, from.scale + step}} {
			if s.log(next) > s.log(p) {
				p = next
			}
		}
		if p == from {
			step /= 2
		}
	}
	return p
}

// near climbs from a place, over scales and tails.
func (s search) near(before place) place {
	at := s.climb(before)
	for from := (place{-1, 0}); at != from; {
		from = at
		for _, d := range []int{-2, -1, 1, 2} {
			if next := s.climb(place{from.freedom + d, at.scale}); s.log(next) > s.log(at) {
				at = next
			}
		}
	}
	return at
}

// anywhere tries every tail: the best scale of one is near that of the next.
func (s search) anywhere() (at place) {
	p := place{}
	for scale := 0; scale < finer*s.sds; scale += 2 * finer {
		if next := (place{0, scale}); s.log(next) > s.log(p) {
			p = next
		}
	}
	for d := range freedoms {
		if p = s.climb(place{d, p.scale}); d == 0 || s.log(p) > s.log(at) {
			at = p
		}
	}
	return at
}

// place is a t on the grid: which of freedoms, and s² as the smallest variance times
// 2^(scale/finer).
type place struct{ freedom, scale int }

// finer is how many scales are tried for each normal of the grid: s² is the smallest
// variance times 2^(j/finer).
const finer = 8

// longest is the largest number of normals of a grid.
const longest = 64

// below holds, for each of the degrees of freedom, P(v ≤ √2 s² 2^(m/finer)) of the variance v
// of a t of scale s as a mixture of normals, s²/λ with λ ~ Gamma(ν/2, ν/2), at m + finer·longest.
// Andrews & Mallows (1974), JRSS B 36:99–102.
var below = sync.OnceValue(func() [][]float64 {
	table := make([][]float64, len(freedoms))
	for d, df := range freedoms {
		for m := -finer * longest; m <= finer*longest; m++ {
			table[d] = append(table[d], mathext.GammaIncRegComp(df/2, df/2*math.Exp2(-float64(m)/finer)/math.Sqrt2))
		}
	}
	return table
})

// studentWeights are of normals with variances of factor 2 from each other, of a t whose
// s² is the smallest times 2^(j/finer).
func studentWeights(d, j, n int) []float64 {
	weights, from := make([]float64, n), 0.0
	for k := range weights {
		upTo := 1.0
		if k < n-1 {
			upTo = below()[d][finer*k-j+finer*longest]
		}
		weights[k], from = upTo-from, upTo
	}
	return weights
}

// logLikelihood is the sum of the logarithms of the rows' densities, of which few are
// taken: products of densities are as good until they leave the range of numbers.
func logLikelihood(rows [][]float64, weights []float64) (sum float64) {
	product := 1.0
	for _, row := range rows {
		p := math.SmallestNonzeroFloat64
		for k, w := range weights {
			p += w * row[k]
		}
		if p < 1e-100 || p > 1e100 {
			sum += math.Log(p)
			continue
		}
		if product *= p; product < 1e-150 || product > 1e150 {
			sum, product = sum+math.Log(product), 1
		}
	}
	return sum + math.Log(product)
}
