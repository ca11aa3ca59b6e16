package sequential

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// problem asks for the boundaries of a course.
type problem struct {
	t                 []float64
	twoSided, binding bool
	fixed             []float64 // critical values that are given, of the first looks; those beyond are found by spend
	settled           bool      // all are given, and the path under no effect is not needed
	spend             []float64 // α to spend at each look, both sides together
	loss              []float64 // type II error to spend on futility at each look, under drift; empty: none
	drift             float64
	density           float64
	most              float64 // largest drift at which the path of no effect will be asked
}

// walk goes from look to look and finds each boundary on the way. null is the
// path under no effect on which α was spent, unless the boundaries are settled.
func (p problem) walk() (c course, null *path) {
	n := len(p.t)
	boundaries := make([]float64, 2*n)
	c = course{p.t, boundaries[:n], boundaries[n:], p.twoSided}
	null = &path{density: p.density, most: p.most}
	null.from(0, 0)
	obeyed := null // the path on which futility stops
	if len(p.loss) > 0 && p.binding {
		null.most = math.Max(p.most, p.drift)
	} else if len(p.loss) > 0 {
		obeyed = &path{drift: p.drift, least: p.drift, most: p.drift, density: p.density}
		obeyed.from(0, 0)
	}
	for k, t := range p.t {
		if k < len(p.fixed) {
			c.efficacy[k] = p.fixed[k]
		} else {
			c.efficacy[k] = p.efficacy(null.steps[k], k)
		}
		c.futility[k] = math.Inf(-1)
		if k == n-1 {
			break
		}
		if len(p.loss) > 0 {
			c.futility[k] = p.futility(obeyed.tilted(k, p.drift), k, c.efficacy[k])
		}
		if !p.settled {
			null.extend(t, p.t[k+1], c.spans(k, p.binding))
		}
		if obeyed != null {
			obeyed.extend(t, p.t[k+1], c.spans(k, true))
		}
	}
	return c, null
}

func (p problem) efficacy(s step, k int) float64 {
	spend := p.spend[k]
	if p.twoSided {
		spend /= 2
	}
	z := s.upper(p.t[k], 0, spend) / math.Sqrt(p.t[k])
	if math.IsInf(z, -1) {
		// Binding futility lets so few get here that all of them may be rejected.
		// That much is not needed: any increase will do.
		return 0
	}
	return z
}

// futility is the boundary at look k that spends the look's type II error; it
// never passes the efficacy boundary.
func (p problem) futility(s step, k int, efficacy float64) float64 {
	t, root, loss := p.t[k], math.Sqrt(p.t[k]), p.loss[k]
	if !p.twoSided {
		return math.Min(s.lower(t, p.drift, loss)/root, efficacy)
	}
	most := math.Min(efficacy, 40) * root
	if loss <= 0 {
		return math.Inf(-1)
	}
	if s.between(t, p.drift, most) <= loss {
		return efficacy
	}
	return solve.Root(0, most, 1e-14, func(b float64) float64 { return s.between(t, p.drift, b) - loss }) / root
}

// classical finds the constant C of critical values C·t^(Δ−½) at the looks that are
// not fixed, so that alpha is spent altogether.
func (p problem) classical(delta, alpha float64) (c course, null *path) {
	held := len(p.fixed)
	p.fixed = append(append(make([]float64, 0, len(p.t)), p.fixed...), make([]float64, len(p.t)-held)...)
	excess := func(constant float64) float64 {
		for k := held; k < len(p.t); k++ {
			p.fixed[k] = constant * math.Pow(math.Min(p.t[k], 1), delta-0.5)
		}
		c, null = p.walk()
		return probit(c.spent(null)) - probit(alpha)
	}
	// The last look alone spends more than α below z₁₋α. For Δ ≤ ½ Bonferroni's
	// value is enough above.
	p.settle(-norm.Quantile(alpha)-1e-3, -norm.Quantile(alpha/2/float64(len(p.t)))+1e-3, excess)
	return c, null
}

// powered finds the drift at which the test has the power, obeying futility; each
// drift has its own boundaries. solved gives them, with the problem's drift set.
func (p *problem) powered(power float64, both bool, low float64, solved func() course) (c course) {
	p.settle(0.95*low, 1.2*low, func(drift float64) float64 {
		p.drift = drift
		c = solved()
		return probit(power) - probit(c.performance(drift, true).power(both))
	})
	return c
}
