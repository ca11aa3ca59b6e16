package allocator

import (
	"context"
	"math"
	"slices"
)

// interior solves a relaxation by a primal-dual interior-point method
// (Mehrotra's predictor and corrector) from a feasible start.
//
// A subgradient or bundle method would need less code per step, but hundreds of
// steps to reach 10⁻³; this one takes 20 to 40 for 10⁻⁸, each linear in the number
// of options: eliminating options and candidates leaves one dense system over
// rows, (A D Aᵀ + D_s − Σ_c g_c g_cᵀ/D_c) dy = rhs, with D = x/z.
//
// Source: Mehrotra (1992), On the implementation of a primal-dual interior point
// method; the elimination of the "at most one" rows is the usual Schur complement
// for generalised upper bounds (Wright 1997, Primal-Dual Interior-Point Methods, ch. 11).
type interior struct {
	*relaxation
	n, m, k int // options, rows, candidates

	// x and z hold n options, then m rows, then k candidates. In x a row or candidate
	// is its slack; in z a row is its price y and a candidate its profit u.
	x, z, dx, dz, rc []float64

	support [][]int32   // rows that candidate c can touch, ascending
	at      []int32     // by take: place in its candidate's support
	g       [][]float64 // by candidate and support: Σ_o D_o take
	dc      []float64   // by candidate: Σ_o D_o + D_slack
	s       [][]float64 // the system, lower triangle; then its Cholesky factor
}

const (
	interiorSteps = 100
	precision     = 1e-8 // of the prices that bound the plan
	warmMu        = 0.005
)

// solve returns prices with a bound close to the least there is, and how much of
// each option the relaxation takes at its optimum. The relative distance between the
// bound and the relaxation's value ends below precision, unless ctx ends first. Former
// prices, if there are any, are where it begins.
func (r *relaxation) solve(ctx context.Context, precision float64, former []float64) (prices, taken []float64) {
	prices = make([]float64, len(r.rows))
	if len(r.rows) == 0 || r.real == 0 {
		return prices, make([]float64, len(r.value))
	}
	it := newInterior(r, former)
	best := r.bound(prices)
	if former != nil {
		if b := r.bound(former); b < best {
			best = b
			copy(prices, former)
		}
	}
	for step := 0; step < interiorSteps && ctx.Err() == nil; step++ {
		gap := it.step()
		y := it.z[it.n : it.n+it.m]
		if b := r.bound(y); b < best {
			best = b
			copy(prices, y)
		}
		if !(gap > precision*max(1, best)) { // best is less than 1, the largest value, only for want of a Least
			break
		}
	}
	return r.withoutDust(prices, best), it.x[:it.n]
}

// withoutDust sets to 0 the prices that stand for "there is room" but that an
// interior point never lets reach 0.
func (r *relaxation) withoutDust(y []float64, bound float64) []float64 {
	clean := slices.Clone(y)
	for i, p := range clean {
		if p < 1e-5*bound/float64(len(y)) {
			clean[i] = 0
		}
	}
	if r.bound(clean) <= bound*(1+1e-9) {
		return clean
	}
	return y
}

// newInterior starts inside and near the central path: for equal prices y and a
// common μ every option and candidate gets x = μ/z, and y rises until all rows have room.
// From former prices, which are nearly right, it starts nearer to the end of the path.
func newInterior(r *relaxation, former []float64) *interior {
	it := &interior{relaxation: r, n: len(r.value), m: len(r.rows), k: len(r.first) - 1}
	size := it.n + it.m + it.k
	it.x, it.z = make([]float64, size), make([]float64, size)
	it.dx, it.dz, it.rc = make([]float64, size), make([]float64, size), make([]float64, size)
	it.dc = make([]float64, it.k)
	for i := range it.m {
		it.s = append(it.s, make([]float64, i+1))
	}
	it.findSupport()

	mu := 0.05
	y, load := it.z[it.n:it.n+it.m], make([]float64, it.m)
	if former != nil {
		mu = warmMu
	}
	for price := mu; ; price *= 2 {
		clear(load)
		for i := range y {
			y[i] = price
			if former != nil {
				y[i] += former[i]
			}
			if r.side[i] < 0 {
				y[i] = r.dear + 1 // a shortfall of nearly twice the Least is within it
			}
		}
		for c := range int32(it.k) {
			it.centre(c, mu, y, load)
		}
		for i := range load {
			it.x[it.n+i] = r.side[i] - load[i]
		}
		if slices.Min(it.x[it.n:it.n+it.m]) > 0.05 {
			break
		}
	}
	return it
}

// centre sets x and z of a candidate and its options so that x·z = μ and all x sum
// to 1, at prices y, and adds what the options take to load.
func (it *interior) centre(c int32, mu float64, y, load []float64) {
	from, to := it.first[c], it.first[c+1]
	high := 0.0
	for o := from; o < to; o++ {
		it.z[o] = it.cost(o, y) - it.value[o]
		high = max(high, -it.z[o])
	}
	low := high // the sum of μ/z falls from ∞ to less than 1 between low and high
	high += mu * float64(to-from+1)
	for range 40 {
		u := (low + high) / 2
		sum := mu / u
		for o := from; o < to; o++ {
			sum += mu / (it.z[o] + u)
		}
		if sum > 1 {
			low = u
		} else {
			high = u
		}
	}
	it.z[it.slack(c)], it.x[it.slack(c)] = high, mu/high
	for o := from; o < to; o++ {
		it.z[o] += high
		it.x[o] = mu / it.z[o]
		for t := it.start[o]; t < it.start[o+1]; t++ {
			load[it.row[t]] += it.x[o] * it.take[t]
		}
	}
}

func (it *interior) slack(c int32) int { return it.n + it.m + int(c) }

// findSupport fills support, at and g.
func (it *interior) findSupport() {
	it.support, it.g = make([][]int32, it.k), make([][]float64, it.k)
	it.at = make([]int32, len(it.row))
	place := make([]int32, it.m)
	for c := range it.k {
		from, to := it.start[it.first[c]], it.start[it.first[c+1]]
		rows := slices.Clone(it.row[from:to])
		slices.Sort(rows)
		it.support[c] = slices.Clip(slices.Compact(rows))
		it.g[c] = make([]float64, len(it.support[c]))
		for i, row := range it.support[c] {
			place[row] = int32(i)
		}
		for t := from; t < to; t++ {
			it.at[t] = place[it.row[t]]
		}
	}
}

// step moves once and returns the gap that is left, Σ x·z.
func (it *interior) step() float64 {
	gap := dot(it.x, it.z)
	mu := gap / float64(len(it.x))
	it.assemble()
	it.factor()

	for i := range it.rc { // predictor: straight at the optimum
		it.rc[i] = -it.x[i] * it.z[i]
	}
	it.direct()
	px, pz := longest(it.x, it.dx), longest(it.z, it.dz)
	after := 0.0
	for i := range it.x {
		after += (it.x[i] + px*it.dx[i]) * (it.z[i] + pz*it.dz[i])
	}
	centre := after / gap
	centre *= centre * centre
	for i := range it.rc { // corrector: towards the centre, with the second-order term
		it.rc[i] = centre*mu - it.x[i]*it.z[i] - it.dx[i]*it.dz[i]
	}
	it.direct()
	px, pz = 0.9*longest(it.x, it.dx), 0.9*longest(it.z, it.dz)
	for i := range it.x {
		it.x[i] += px * it.dx[i]
		it.z[i] += pz * it.dz[i]
	}
	return dot(it.x, it.z)
}

func dot(a, b []float64) float64 {
	total := 0.0
	for i := range a {
		total += a[i] * b[i]
	}
	return total
}

// longest is the longest step, at most 1/0.995, along d that keeps v ≥ 0.
func longest(v, d []float64) float64 {
	step := 1 / 0.995
	for i := range v {
		if d[i] < 0 {
			step = math.Min(step, -v[i]/d[i])
		}
	}
	return step
}
