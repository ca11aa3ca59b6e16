package mixed

import (
	"math"
	"slices"
	"sync"
)

// tail is the distribution of ε: normals around 0 with these variances and weights.
type tail struct {
	variances, weights []float64
	place              *place // of a t
}

func (t tail) variance() (sum float64) {
	for k, v := range t.variances {
		sum += t.weights[k] * v
	}
	return sum
}

// update moves the distribution to what the squared residuals say, which count the
// variance of the fitted values, and returns the weight of each effect.
func (t *tail) update(shape Shape, e *Effects, squares []float64) []float64 {
	if shape == Normal {
		*t = tail{variances: []float64{likeliest(e.noise, squares, e.share)}, weights: []float64{1}}
		return t.precisions(e, nil)
	}
	if fitted, ok := shape.fit(binned(e, squares), t.place); ok {
		*t = fitted
	}
	return t.precisions(e, squares)
}

// precisions returns share · E[1/(vₖ + SE²)] over the components of each effect: by
// their weights if squares is nil, else by responsibilities.
func (t *tail) precisions(e *Effects, squares []float64) []float64 {
	mean := make([]float64, e.Len())
	var wait sync.WaitGroup
	for _, part := range chunks(e.Len()) {
		wait.Go(func() {
			r := make([]float64, len(t.weights))
			for i := part[0]; i < part[1]; i++ {
				t.responsibilities(r, e.noise[i], squares, i)
				for k, share := range r {
					mean[i] += e.share[i] * share / (t.variances[k] + e.noise[i])
				}
			}
		})
	}
	wait.Wait()
	return mean
}

// responsibilities are the components' shares of one effect, ∝ wₖ N(r; 0, vₖ + SE²),
// relative to the widest so that nothing overflows.
func (t *tail) responsibilities(r []float64, s2 float64, squares []float64, i int) {
	copy(r, t.weights)
	if squares == nil || len(r) == 1 {
		return
	}
	sum, last := 0.0, t.variances[len(r)-1]+s2
	for k, v := range t.variances {
		width := v + s2
		r[k] *= math.Exp(squares[i]/2*(1/last-1/width)) / math.Sqrt(width)
		sum += r[k]
	}
	if sum == 0 { // far beyond all that have weight: the widest is the likeliest
		r[len(r)-1], sum = 1, 1
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

// residual is what is left of an effect, squared, its SE² and how much it counts.
type residual struct{ square, noise, share float64 }

// bins is how many residuals a shape is fitted to at most, in slabs of like noise.
const bins, slabs = 1 << 14, 1 << 5

// binned are the residuals, each of equal weight: themselves, if they have it and are
// few, or else means over parts of equal weight of residuals that are alike in noise and,
// within that, in size.
func binned(e *Effects, squares []float64) []residual {
	all := make([]residual, e.Len())
	equal := true
	for i, s := range squares {
		all[i] = residual{s, e.noise[i], e.share[i]}
		equal = equal && e.share[i] == e.share[0]
	}
	if equal && len(all) <= bins {
		return all
	}
	n := min(bins, max(len(all), 64))
	across := max(1, n*slabs/bins)
	slices.SortFunc(all, func(a, b residual) int { return order(a.noise, b.noise, a.square, b.square) })
	out := make([]residual, 0, n)
	for _, slab := range parts(all, across) {
		slices.SortFunc(slab, func(a, b residual) int { return order(a.square, b.square, a.noise, b.noise) })
		for _, part := range parts(slab, n/across) {
			out = append(out, mean(part))
		}
	}
	return out
}

func order(a, b, c, d float64) int {
	switch {
	case a < b || a == b && c < d:
		return -1
	case a == b && c == d:
		return 0
	}
	return 1
}

// parts cuts residuals into n parts of equal weight, cutting through single ones.
func parts(all []residual, n int) [][]residual {
	total := 0.0
	for _, r := range all {
		total += r.share
	}
	out := make([][]residual, n)
	p, room := 0, total/float64(n)
	for _, r := range all {
		for r.share > room && p < n-1 {
			cut := r
			cut.share = room
			out[p] = append(out[p], cut)
			r.share -= room
			p, room = p+1, total/float64(n)
		}
		out[p] = push(out[p], r)
		room -= r.share
	}
	return out
}

// mean of residuals by their weights.
func mean(part []residual) (m residual) {
	for _, r := range part {
		m.square += r.share * r.square
		m.noise += r.share * r.noise
		m.share += r.share
	}
	return residual{m.square / m.share, m.noise / m.share, m.share}
}
