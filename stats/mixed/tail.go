package mixed

import (
	"math"
	"slices"
	"sync"

	"github.com/assay-planner/assay/stats/internal/solve"
)

// tail is the distribution of ε: normals around 0 with these variances and weights.
type tail struct {
	variances, weights []float64
}

func (t tail) variance() (sum float64) {
	for k, v := range t.variances {
		sum += t.weights[k] * v
	}
	return sum
}

// moved is the largest change of a weight; 0 if components came or went.
func (t tail) moved(was tail) (most float64) {
	if len(t.weights) != len(was.weights) {
		return 0
	}
	for k, w := range t.weights {
		most = math.Max(most, math.Abs(w-was.weights[k]))
	}
	return most
}

// update moves the distribution to what the squared residuals say, which count the
// variance of the fitted values, and returns the mean precision of each effect.
func (t *tail) update(noise, squares []float64) []float64 {
	if len(t.variances) == 1 {
		t.variances = []float64{likeliest(noise, squares)}
		return t.precisions(noise, nil)
	}
	return t.precisions(noise, squares)
}

// likeliest is the τ² ≥ 0 that maximises Σ log N(r; 0, τ² + SE²), by its derivative.
func likeliest(noise, squares []float64) float64 {
	slope := func(v float64) (sum float64) {
		for i, s := range squares {
			t := v + noise[i]
			sum += (s/t - 1) / t
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

// precisions returns the mean of 1/(vₖ + SE²) over the components of each effect: by
// their weights if squares is nil, else by responsibilities, whose means become the
// weights. Components that nothing needs are dropped.
func (t *tail) precisions(noise, squares []float64) []float64 {
	mean := make([]float64, len(noise))
	parts := chunks(len(noise))
	sums := make([][]float64, len(parts))
	var wait sync.WaitGroup
	for p, part := range parts {
		wait.Go(func() {
			sums[p] = make([]float64, len(t.weights))
			r := make([]float64, len(t.weights))
			for i := part[0]; i < part[1]; i++ {
				t.responsibilities(r, noise[i], squares, i)
				for k, share := range r {
					mean[i] += share / (t.variances[k] + noise[i])
					sums[p][k] += share
				}
			}
		})
	}
	wait.Wait()
	if squares != nil {
		t.reweigh(sums, float64(len(noise)))
	}
	return mean
}

func (t *tail) reweigh(sums [][]float64, n float64) {
	var kept tail
	for k, v := range t.variances {
		w := 0.0
		for _, s := range sums {
			w += s[k] / n
		}
		if w > 1e-6 || k == len(t.variances)-1 { // the widest stays: nothing is out of its reach
			kept.variances, kept.weights = append(kept.variances, v), append(kept.weights, w)
		}
	}
	*t = kept
}

// responsibilities are the components' shares of one effect, ∝ wₖ N(r; 0, vₖ + SE²),
// relative to the widest so that nothing overflows.
func (t *tail) responsibilities(r []float64, s2 float64, squares []float64, i int) {
	copy(r, t.weights)
	if squares == nil {
		return
	}
	sum, last := 0.0, t.variances[len(r)-1]+s2
	for k, v := range t.variances {
		width := v + s2
		r[k] *= math.Exp(squares[i]/2*(1/last-1/width)) / math.Sqrt(width)
		sum += r[k]
	}
	for k := range r {
		r[k] /= sum
	}
}

// chunks cuts n rows into parts that do not depend on the machine.
func chunks(n int) (parts [][2]int) {
	const most = 16
	for p := range most {
		if low, high := p*n/most, (p+1)*n/most; low < high {
			parts = append(parts, [2]int{low, high})
		}
	}
	return parts
}

// widened is a grid of SDs a factor √2 apart, as in adaptive shrinkage (Stephens 2017,
// Biostatistics 18:275–294, §3.1): 0, and from a tenth of the smallest
// standard error to twice the largest residual. Most weight starts near the one
// variance that was likeliest.
func (t tail) widened(noise, squares []float64) tail {
	low, high := slices.Min(noise)/100, 4*slices.Max(squares)
	w := tail{variances: []float64{0}}
	for v := low; ; v *= 2 {
		w.variances = append(w.variances, v)
		if v > high || len(w.variances) == 80 {
			break
		}
	}
	sum := 0.0
	for _, v := range w.variances {
		d := math.Log((v + low) / (t.variances[0] + low))
		w.weights = append(w.weights, math.Exp(-d*d/2)+1e-4)
		sum += w.weights[len(w.weights)-1]
	}
	for k := range w.weights {
		w.weights[k] /= sum
	}
	return w
}
