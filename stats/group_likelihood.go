package stats

import (
	"iter"
	"math"
)

// hyper are the hyperparameters μ, ω, τ and η of GroupsFit.
type hyper struct{ mean, between, within, spread float64 }

// shrink is how far a group's weighted mean is drawn towards μ, in (0, 1].
func (h hyper) shrink(p pooled) float64 { return p.variance / (h.between*h.between + p.variance) }

// Bounds of η and the reach of the quadrature over log τ_g, in multiples of η.
const (
	minSpread = 0.1
	maxSpread = 1
	reach     = 8
)

// groupGrid holds a group's estimates pooled at equally spaced values of log τ_g
// (node j at low + j·step). Nodes are filled when first asked for and then serve
// every hyperparameter, which is what makes the fit fast: an evaluation of the
// likelihood never looks at the estimates again.
type groupGrid struct {
	name      string
	estimates []Estimate
	low, step float64
	nodes     []pooled
}

// newGroupGrid spaces nodes by the standard deviation of the sharpest posterior
// of log τ_g: prior precision 1/minSpread², likelihood precision at most 2n. At
// one standard deviation the trapezoid rule errs by 2 exp(−2π²) = 5e-9 of a
// normal integrand. Below low, τ_g² is too small to be told from 0.
func newGroupGrid(name string, es []Estimate, scale float64) *groupGrid {
	se := math.Inf(1)
	for _, e := range es {
		se = min(se, e.SE)
	}
	g := &groupGrid{name: name, estimates: es, low: max(math.Log(se)-9, math.Log(scale)-20)}
	g.step = 1 / math.Sqrt(1/(minSpread*minSpread)+2*float64(len(es)))
	top := math.Log(maxWithin*scale) + reach*maxSpread
	g.nodes = make([]pooled, 2+max(0, int((top-g.low)/g.step)))
	return g
}

// node pools the estimates at the j-th value of log τ_g, clamped to the grid.
func (g *groupGrid) node(j int) pooled {
	j = min(max(j, 0), len(g.nodes)-1)
	if g.nodes[j].variance == 0 {
		g.nodes[j] = poolAt(g.estimates, math.Exp(2*(g.low+float64(j)*g.step)))
	}
	return g.nodes[j]
}

// joint yields, for each value of τ_g of the quadrature, the logarithm of its
// weight times the likelihood of the group, and the pooled estimates there.
func (g *groupGrid) joint(h hyper) iter.Seq2[float64, pooled] {
	return func(yield func(float64, pooled) bool) {
		if h.spread == 0 || h.within == 0 {
			p := poolAt(g.estimates, h.within*h.within)
			yield(h.logDensity(p), p)
			return
		}
		centre := (math.Log(h.within) - g.low) / g.step
		width := h.spread / g.step
		norm := -math.Log(width * math.Sqrt(2*math.Pi))
		for j := math.Ceil(centre - reach*width); j <= centre+reach*width; j++ {
			z := (j - centre) / width
			p := g.node(int(j))
			if !yield(norm-z*z/2+h.logDensity(p), p) {
				return
			}
		}
	}
}

// logDensity is the log likelihood of a group with τ_g given and μ_g integrated
// out: exp(logScale)·N(weighted mean; μ, ω² + its variance).
func (h hyper) logDensity(p pooled) float64 {
	v := h.between*h.between + p.variance
	return p.logScale - (math.Log(2*math.Pi*v)+(p.mean-h.mean)*(p.mean-h.mean)/v)/2
}

// logMarginal is the logarithm of the group's likelihood with τ_g integrated out.
func (g *groupGrid) logMarginal(h hyper) float64 {
	top, sum := math.Inf(-1), 0.0
	for l := range g.joint(h) {
		switch {
		case l > top:
			sum = sum*math.Exp(top-l) + 1
			top = l
		case l > top-40:
			sum += math.Exp(l - top)
		}
	}
	return top + math.Log(sum)
}

// posterior yields the probability of each value of τ_g given the data.
func (g *groupGrid) posterior(h hyper) iter.Seq2[float64, pooled] {
	return func(yield func(float64, pooled) bool) {
		total := g.logMarginal(h)
		for l, p := range g.joint(h) {
			if w := math.Exp(l - total); w > 0 && !yield(w, p) {
				return
			}
		}
	}
}
