package sequential

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/quad"
)

// A path is the law of the score S(t) = Z√t while a test runs. With information
// t (a fraction of the maximum) its increments are independent N(θΔt, Δt), where
// the drift θ is the expected Z at full information. Each step holds the
// sub-density of the paths that have not stopped, on Gauss–Legendre nodes of the
// continuation region:
//
//	g_k(y) = ∫ g_{k−1}(x) φ((y − x − θΔt)/√Δt)/√Δt dx      over the region at k−1
//
// The sub-density under another drift needs no second recursion: by Girsanov's
// theorem it is g_k(s)·exp((θ′ − θ)s − (θ′² − θ²)t/2).
//
// Source: Armitage, McPherson & Rowe (1969), J. Royal Statistical Society A
// 132:235–244; Jennison & Turnbull (2000), Group Sequential Methods with
// Applications to Clinical Trials, ch. 19.
type path struct {
	drift       float64 // θ of the recursion
	least, most float64 // drifts that will be asked for: the grid covers them
	density     float64 // nodes per unit of bandwidth; see nodes
	steps       []step
}

// span is an interval of scores in which the test goes on; one look has one, or
// two with a futility wedge between them.
type span struct{ low, high float64 }

const (
	fine = 1.0 // relative error of a probability about 1e-13
	// To find a starting point, as parts of that: α of 20 looks is good to about 1e-5
	// and 1e-13, boundaries far out are less so.
	coarse, middling = 0.42, 0.7
	// tail is how many standard deviations of a path are covered: Φ(−8.3) = 5e-17.
	tail = 8.3
	// farTail is the same where boundaries are sought, under no effect: what
	// crosses a boundary of z = 8 at the next look comes from just below z = 8.
	farTail = 11.0
)

// from starts a path in one point: score s at information t.
func (p *path) from(t, s float64) *path {
	p.steps = append(p.steps[:0], step{t, t, s, []float64{s}, []float64{1}, s == 0})
	return p
}

func newPath(drift float64) *path {
	return (&path{drift: drift, least: drift, most: drift, density: fine}).from(0, 0)
}

// extend adds the look at information t, after which the test goes on in the
// spans, and next looks at information next: its distance sets the resolution.
func (p *path) extend(t, next float64, spans []span) {
	last := p.steps[len(p.steps)-1]
	since, dt := t-last.t0, t-last.t
	root := math.Sqrt(since)
	low, high := p.least*since-tail*root, p.most*since+tail*root
	if p.least <= 0 && p.most >= 0 {
		high = math.Max(high, farTail*root)
		if !math.IsInf(spans[0].low, -1) { // the lower side has a boundary, too
			low = math.Min(low, -farTail*root)
		}
	}
	bandwidth := math.Sqrt(1/dt + 1/(next-t)) // of the sub-density times the next kernel
	s := step{t: t, t0: last.t0, x0: last.x0}
	for _, sp := range spans {
		sp = span{math.Max(sp.low, last.x0+low), math.Min(sp.high, last.x0+high)}
		if sp.low < sp.high {
			s.place(sp, p.nodes((sp.high-sp.low)/2*bandwidth))
		}
	}
	p.propagate(last, &s)
	p.steps = append(p.steps, s)
}

// nodes is the number of Gauss–Legendre nodes for an interval of half-width L
// standard deviations of a Gaussian-like integrand. Its Chebyshev coefficients
// fall like exp(−m²/2L²), and n nodes integrate up to m = 2n exactly.
func (p *path) nodes(halfWidth float64) int {
	n := int(p.density * (11 + 3.4*halfWidth))
	// Few distinct rules, so that they are computed once.
	grain := 4
	for grain*16 < n {
		grain *= 2
	}
	return (n/grain + 1) * grain
}

// place adds nodes, with their quadrature weights in m.
func (s *step) place(sp span, n int) {
	rule := quad.Legendre(n)
	centre, half := (sp.low+sp.high)/2, (sp.high-sp.low)/2
	if s.x == nil {
		buffer := make([]float64, 2*n)
		s.x, s.m = buffer[:0:n], buffer[n:n]
	}
	for i := range n {
		s.x = append(s.x, centre-half*rule.Nodes[i]) // rising: the rule is symmetric and falls
		s.m = append(s.m, half*rule.Weights[i])
	}
}

// propagate turns the weights of s into probabilities.
func (p *path) propagate(last step, s *step) {
	dt := s.t - last.t
	since, sd := s.t-s.t0, math.Sqrt(dt)
	scale, half := 1/(sd*math.Sqrt(2*math.Pi)), -0.5/dt
	n, first := len(s.x), 0
	s.even = p.drift == 0 && last.even && n > 0 && s.x[0] == -s.x[n-1] && s.x[n/2] == -s.x[(n-1)/2]
	for j, y := range s.x {
		if s.even && 2*j >= n { // half of the work is enough
			s.m[j] = s.m[n-1-j]
			continue
		}
		width := band(dt, since, (y-s.x0-p.drift*since)/math.Sqrt(since))
		y -= p.drift * dt
		for first < len(last.x) && last.x[first] < y-width {
			first++
		}
		sum := 0.0
		for i := first; i < len(last.x) && last.x[i] <= y+width; i++ {
			d := y - last.x[i]
			sum += last.m[i] * math.Exp(d*d*half)
		}
		s.m[j] *= sum * scale
	}
}

// tilted is step k under another drift.
func (p *path) tilted(k int, drift float64) step {
	s := p.steps[k]
	if drift == p.drift {
		return s
	}
	by, middle := drift-p.drift, s.x0+(drift+p.drift)/2*(s.t-s.t0)
	m := make([]float64, len(s.m))
	for i, x := range s.x {
		m[i] = s.m[i] * math.Exp(by*(x-middle))
	}
	s.m, s.even = m, false
	return s
}
