package knapsack

import (
	"math"
)

// bundle minimises the dual by a proximal bundle method: the largest of the tangents
// seen so far, plus w/2 times the squared distance from the best point, is minimised
// over y ≥ 0; the new point gives one more tangent.
//
// Source: Kiwiel (1990), Proximity control in bundle methods for convex
// nondifferentiable minimization, Mathematical Programming 46, 105–122.
type bundle struct {
	f      func(y, g []float64) float64
	centre []float64 // best point
	value  float64   // there
	cuts   []cut
	w      float64
	evals  int
}

// cut is a tangent: f(y) ≥ at + g·y. Age counts the steps in which it had no weight.
type cut struct {
	at  float64
	g   []float64
	age int
}

// newBundle starts at y, where the function is evaluated.
func newBundle(f func(y, g []float64) float64, y []float64) *bundle {
	b := &bundle{f: f, centre: append([]float64(nil), y...)}
	b.value = b.evaluate(b.centre)
	g, size := b.cuts[0].g, 0.0
	for i := range y {
		size += math.Abs(y[i])
	}
	b.w = math.Sqrt(dot(g, g)) / max(0.3*size/math.Sqrt(float64(len(y))), 1e-9*math.Abs(b.value), 1e-300)
	return b
}

func (b *bundle) evaluate(y []float64) float64 {
	g := make([]float64, len(y))
	v := b.f(y, g)
	b.evals++
	b.cuts = append(b.cuts, cut{v - dot(g, y), g, 0})
	return v
}

// minimise runs until the model promises less than tolerance, relative to the value,
// or so many evaluations are made, or stop says so.
func (b *bundle) minimise(tolerance float64, evals int, stop func() bool) {
	n := len(b.centre)
	if n == 0 {
		return
	}
	nulls := 0
	for b.evals < evals && !stop() {
		y, model, weights := proximal(b.cuts, b.centre, b.w)
		promise := b.value - model
		distance := 0.0
		for i := range y {
			distance += (y[i] - b.centre[i]) * (y[i] - b.centre[i])
		}
		// The promise alone may be small because the step is: a step four times as
		// long must not promise more either.
		if promise <= tolerance*math.Abs(b.value) && promise+1.5*b.w*distance <= 2*tolerance*math.Abs(b.value) {
			return
		}
		b.retire(weights)
		v := b.evaluate(y)
		w := 2 * b.w * (1 - (b.value-v)/promise) // minimum of the parabola through both values and the slope
		switch {
		case b.value-v >= 0.1*promise:
			copy(b.centre, y)
			if b.value-v >= 0.5*promise {
				b.w = max(min(w, b.w), b.w/10, 1e-12)
			}
			b.value = v
			nulls = 0
		default:
			if nulls++; nulls > 2 {
				b.w = min(max(w, b.w), 10*b.w, 2*b.w)
				nulls = 0
			}
		}
	}
}

// retire drops tangents that had no weight for long.
func (b *bundle) retire(weights []float64) {
	keep := b.cuts[:0]
	most := 3*len(b.centre) + 20
	for j, c := range b.cuts {
		if c.age++; weights[j] > 1e-8 {
			c.age = 0
		}
		if c.age < 10 || len(b.cuts) < most && c.age < 40 {
			keep = append(keep, c)
		}
	}
	b.cuts = keep
}

func dot(a, b []float64) float64 {
	total := 0.0
	for i := range a {
		total += a[i] * b[i]
	}
	return total
}

// proximal minimises max_j (at_j + g_j·y) + w/2 |y − centre|² over y ≥ 0, by a
// primal-dual interior-point method. It returns the point, the largest tangent there,
// and the weights of the tangents.
func proximal(cuts []cut, centre []float64, w float64) (y []float64, model float64, weights []float64) {
	n, k := len(centre), len(cuts)
	y = make([]float64, n)
	mu := make([]float64, n) // multipliers of y ≥ 0
	lambda := make([]float64, k)
	slack := make([]float64, k)
	size := 0.0
	for i := range y {
		size = max(size, centre[i])
	}
	size = max(size, 1e-12)
	top := math.Inf(-1)
	for i := range y {
		y[i] = max(centre[i], 1e-3*size)
	}
	for j := range cuts {
		top = max(top, cuts[j].at+dot(cuts[j].g, y))
	}
	spread := 0.0
	for j := range cuts {
		spread = max(spread, top-cuts[j].at-dot(cuts[j].g, y))
	}
	spread = max(spread, 1e-9*math.Abs(top), w*size*size, 1e-300)
	v := top + 0.1*spread
	for j := range cuts {
		lambda[j] = 1 / float64(k)
		slack[j] = v - cuts[j].at - dot(cuts[j].g, y)
	}
	for i := range mu {
		mu[i] = max(0.1*spread/float64(k)/y[i], 1e-300)
	}
	h := make([][]float64, n+1)
	for i := range h {
		h[i] = make([]float64, i+1)
	}
	rhs, dy := make([]float64, n+1), make([]float64, n)
	dl, ds, dm := make([]float64, k), make([]float64, k), make([]float64, n)
	first := 0.0
	for iter := range 60 {
		gap := dot(lambda, slack) + dot(mu, y)
		if iter == 0 {
			first = gap
		}
		average := gap / float64(n+k)
		// Stationarity and the sum of weights.
		rd := make([]float64, n)
		sum := -1.0
		for i := range rd {
			rd[i] = w*(y[i]-centre[i]) - mu[i]
		}
		for j := range cuts {
			sum += lambda[j]
			for i, gi := range cuts[j].g {
				rd[i] += lambda[j] * gi
			}
		}
		worst := math.Abs(sum)
		for i := range rd {
			worst = max(worst, math.Abs(rd[i])*size/max(spread, 1e-300)*1e-3)
		}
		if gap <= 1e-11*first && worst < 1e-9 || gap <= 1e-13*math.Abs(v) && worst < 1e-9 {
			break
		}
		for i := range h {
			clear(h[i])
		}
		for i := range n {
			h[i][i] = w + mu[i]/y[i]
		}
		for j := range cuts {
			d := lambda[j] / slack[j]
			g := cuts[j].g
			for i := range n {
				dg := d * g[i]
				row := h[i]
				for l := 0; l <= i; l++ {
					row[l] += dg * g[l]
				}
				h[n][i] -= dg
			}
			h[n][n] += d
		}
		factor(h)
		move := func(target float64, second bool) {
			// λ s = target, μ y = target; eliminate ds = dv − g·dy, dλ, dμ.
			for i := range n {
				e := target
				if second {
					e -= dm[i] * dy[i]
				}
				rhs[i] = -rd[i] + e/y[i] - mu[i]
			}
			rhs[n] = sum
			for j := range cuts {
				e := target
				if second {
					e -= dl[j] * ds[j]
				}
				c := e/slack[j] - lambda[j]
				for i, gi := range cuts[j].g {
					rhs[i] -= c * gi
				}
				rhs[n] += c
			}
			// h holds the system of (dy, dv) with the sign of dv's coupling turned.
			sol := append([]float64(nil), rhs...)
			substitute(h, sol)
			for j := range cuts {
				e := target
				if second {
					e -= dl[j] * ds[j]
				}
				s := sol[n] - dot(cuts[j].g, sol[:n])
				l := (e-lambda[j]*s)/slack[j] - lambda[j]
				ds[j], dl[j] = s, l
			}
			for i := range n {
				e := target
				if second {
					e -= dm[i] * dy[i]
				}
				dm[i] = (e-mu[i]*sol[i])/y[i] - mu[i]
				dy[i] = sol[i]
			}
			rhs[n] = sol[n]
		}
		move(0, false)
		step := min(longest(lambda, dl), longest(slack, ds), longest(mu, dm), longest(y, dy))
		after := 0.0
		for j := range cuts {
			after += (lambda[j] + step*dl[j]) * (slack[j] + step*ds[j])
		}
		for i := range n {
			after += (mu[i] + step*dm[i]) * (y[i] + step*dy[i])
		}
		centring := after / gap
		centring *= centring * centring
		move(centring*average, true)
		step = min(1, 0.995*min(longest(lambda, dl), longest(slack, ds), longest(mu, dm), longest(y, dy)))
		for j := range cuts {
			lambda[j] += step * dl[j]
			slack[j] += step * ds[j]
		}
		for i := range n {
			mu[i] += step * dm[i]
			y[i] += step * dy[i]
		}
		v += step * rhs[n]
	}
	for i := range y {
		if y[i] < 1e-9*size && mu[i] > 0 {
			y[i] = 0
		}
	}
	model = math.Inf(-1)
	for j := range cuts {
		model = max(model, cuts[j].at+dot(cuts[j].g, y))
	}
	return y, model, lambda
}

// longest is the longest step, at most 1, along d that keeps v ≥ 0.
func longest(v, d []float64) float64 {
	step := 1.0
	for i := range v {
		if d[i] < 0 {
			step = min(step, -v[i]/d[i])
		}
	}
	return step
}

// factor replaces the lower triangle by its Cholesky factor. A pivot lost to rounding
// gets a huge value, which leaves its variable where it is.
func factor(s [][]float64) {
	for i, si := range s {
		diagonal := si[i]
		for j := range i {
			sj := s[j]
			si[j] = (si[j] - dot(si[:j], sj[:j])) / sj[j]
		}
		if pivot := diagonal - dot(si[:i], si[:i]); pivot > 1e-14*diagonal {
			si[i] = math.Sqrt(pivot)
		} else {
			si[i] = 1e64
		}
	}
}

// substitute solves s·sᵀ v = v in place.
func substitute(s [][]float64, v []float64) {
	for i, si := range s {
		v[i] = (v[i] - dot(si[:i], v[:i])) / si[i]
	}
	for i := len(v) - 1; i >= 0; i-- {
		v[i] /= s[i][i]
		for j, f := range s[i][:i] {
			v[j] -= f * v[i]
		}
	}
}
