package meta

import (
	"math"

	"github.com/assay-planner/assay/stats"
)

// studies are the estimates in a unit and from an origin in which sums neither
// cancel nor overflow: effect = origin + y·unit, SE² = v·unit².
type studies struct {
	origin, unit float64
	y, v         []float64
}

// standardise takes the most precise estimate as the origin and the power of two
// next to its SE as the unit, so that the conversion loses nothing.
func standardise(es []stats.Estimate) studies {
	best := es[0]
	for _, e := range es {
		if e.SE < best.SE {
			best = e
		}
	}
	s := studies{
		origin: best.Value, unit: math.Exp2(math.Round(math.Log2(best.SE))),
		y: make([]float64, len(es)), v: make([]float64, len(es)),
	}
	for i, e := range es {
		se := e.SE / s.unit
		s.y[i], s.v[i] = (e.Value-s.origin)/s.unit, se*se
	}
	return s
}

// pooled is what the studies say with a given τ²: wᵢ = 1/(vᵢ + τ²).
type pooled struct {
	weight  float64 // Σ wᵢ
	squares float64 // Σ wᵢ²
	mean    float64 // μ = Σ wᵢyᵢ/Σ wᵢ
	q       float64 // Σ wᵢ(yᵢ − μ)²
	q2      float64 // Σ wᵢ²(yᵢ − μ)²
}

// at pools with variance τ² between studies. Two passes keep the precision of the
// residuals.
func (s studies) at(tau2 float64) (p pooled) {
	sum := 0.0
	for i, v := range s.v {
		w := 1 / (v + tau2)
		p.weight += w
		p.squares += w * w
		sum += w * s.y[i]
	}
	p.mean = sum / p.weight
	for i, v := range s.v {
		w := 1 / (v + tau2)
		r := s.y[i] - p.mean
		p.q += w * r * r
		p.q2 += w * r * (w * r)
	}
	return p
}

// inverse lists wᵢ = 1/(vᵢ + τ²).
func (s studies) inverse(tau2 float64) []float64 {
	w := make([]float64, len(s.v))
	for i, v := range s.v {
		w[i] = 1 / (v + tau2)
	}
	return w
}

// contrasts are properties of the matrix P = A − A11ᵀA/Σ aᵢ, A = diag(a): y′Py is the
// weighted sum of squares around the weighted mean.
type contrasts struct {
	a      []float64
	total  float64   // Σ aᵢ
	others []float64 // Σ over j ≠ i of aⱼ
	trace  float64   // tr P = Σ aᵢ(1 − aᵢ/Σ a)
}

func (s studies) contrasts(a []float64) contrasts {
	c := contrasts{a: a, others: allOthers(a)}
	for _, x := range a {
		c.total += x
	}
	for i, x := range a {
		c.trace += x * (c.others[i] / c.total)
	}
	return c
}

// squares is Σ Pᵢⱼ² xᵢxⱼ over all i, j: half the variance of y′Py where xᵢ is the
// variance of yᵢ.
func (c contrasts) squares(x []float64) (sum float64) {
	off := make([]float64, len(x))
	for i, a := range c.a {
		off[i] = a * (a * x[i])
	}
	for i, others := range allOthers(off) {
		diagonal := c.a[i] * x[i] * (c.others[i] / c.total)
		sum += diagonal*diagonal + off[i]/c.total*(others/c.total)
	}
	return sum
}

// allOthers lists, for each element, the sum of all others, without the
// cancellation of subtracting it from the total where it dominates. All x ≥ 0.
func allOthers(x []float64) []float64 {
	others := make([]float64, len(x))
	before := 0.0
	for i, v := range x {
		others[i] = before
		before += v
	}
	after := 0.0
	for i := len(x) - 1; i >= 0; i-- {
		others[i] += after
		after += x[i]
	}
	return others
}
