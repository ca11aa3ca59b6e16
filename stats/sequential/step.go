package sequential

import (
	"math"
	"sort"

	"github.com/assay-planner/assay/stats/internal/norm"
)

// step is the law at one look: the probability m[i] stands at score x[i], which
// rises with i. The path came from score x0 at information t0. If the law is even,
// x and m are symmetric about 0.
type step struct {
	t, t0, x0 float64
	x, m      []float64
	even      bool
}

// above is the probability of being above score b at information t, having
// continued until this step; below is that of being under it.
func (s step) above(t, drift, b float64) (p float64) {
	dt := t - s.t
	shift, scale := drift*dt-b, 1/math.Sqrt(dt)
	for i := s.near(t, drift, b); i < len(s.x); i++ {
		p += s.m[i] * norm.CDF((s.x[i]+shift)*scale)
	}
	return p
}

func (s step) below(t, drift, b float64) (p float64) {
	dt := t - s.t
	shift, scale := b-drift*dt, 1/math.Sqrt(dt)
	last := shift + s.reach(t, drift, b)
	for i := 0; i < len(s.x) && s.x[i] <= last; i++ {
		p += s.m[i] * norm.CDF((shift-s.x[i])*scale)
	}
	return p
}

// between is the probability of a score in (−b, b) at information t.
func (s step) between(t, drift, b float64) float64 {
	dt := t - s.t
	sd, p := math.Sqrt(dt), 0.0
	for i, x := range s.x {
		mean := math.Abs(x + drift*dt) // in the upper tail differences would cancel
		p += s.m[i] * (norm.CDF((b-mean)/sd) - norm.CDF((-b-mean)/sd))
	}
	return p
}

// near is the first node from which a step to b or above at t counts.
func (s step) near(t, drift, b float64) int {
	return sort.SearchFloat64s(s.x, b-drift*(t-s.t)-s.reach(t, drift, b))
}

// reach is how far from b, less the drift, a node may be to count there.
func (s step) reach(t, drift, b float64) float64 {
	since := t - s.t0
	return band(t-s.t, since, (b-s.x0-drift*since)/math.Sqrt(since))
}

// band is the distance beyond which an increment over dt adds nothing that a double
// could hold to the probability of a score of z standard deviations: a path that
// gets there rises at the end by z√(Δt/t) of the increment's own.
func band(dt, since, z float64) float64 {
	return (8.5 + math.Max(farTail, math.Abs(z))*math.Sqrt(dt/since)) * math.Sqrt(dt)
}

// tails is above, with the sub-density at score b.
func (s step) tails(t, drift, b float64) (above, density float64) {
	dt := t - s.t
	sd := math.Sqrt(dt)
	shift, scale := drift*dt-b, 1/sd
	for i := s.near(t, drift, b); i < len(s.x); i++ {
		z := (s.x[i] + shift) * scale
		above += s.m[i] * norm.CDF(z)
		density += s.m[i] * math.Exp(-z*z/2)
	}
	return above, density / (sd * math.Sqrt(2*math.Pi))
}

// mirror is the step with the score's sign turned.
func (s step) mirror() step {
	n := len(s.x)
	x, m := make([]float64, n), make([]float64, n)
	for i := range n {
		x[i], m[i] = -s.x[n-1-i], s.m[n-1-i]
	}
	return step{s.t, s.t0, -s.x0, x, m, s.even}
}

// mass is the probability of continuing after this step.
func (s step) mass() float64 {
	total := 0.0
	for _, m := range s.m {
		total += m
	}
	return total
}

// upper is the score b with above(t, drift, b) = p, by Newton's method on the
// logarithm, which is concave in b, so that the iterates come down to the root
// from the first on; a bracket guards the wedge, where it is not. No
// probability to spend gives +Inf, more than there is gives −Inf.
func (s step) upper(t, drift, p float64) float64 {
	if p <= 0 {
		return math.Inf(1)
	}
	if p >= s.mass() {
		return math.Inf(-1)
	}
	dt := t - s.t
	sd := math.Sqrt(dt)
	if len(s.x) == 1 {
		return s.x[0] + drift*dt - sd*norm.Quantile(p/s.m[0])
	}
	low := s.x[0] + drift*dt - 40*sd
	// Without stopping the score would be N(θΔt, Δt) from the start.
	high := s.x0 + drift*(t-s.t0) - math.Sqrt(t-s.t0)*norm.Quantile(p)
	b := high
	for range 100 {
		u, density := s.tails(t, drift, b)
		if u > p {
			low = b
		} else {
			high = b
		}
		to := b + math.Log(u/p)*u/density
		if !(to > low && to < high) {
			if to == b || math.Abs(u/p-1) < 1e-14 {
				break
			}
			to = low + (high-low)/2
		}
		if step := math.Abs(to - b); step <= 1e-14*(math.Abs(b)+sd) {
			return to
		}
		b = to
	}
	return b
}

// lower is the score b with below(t, drift, b) = p.
func (s step) lower(t, drift, p float64) float64 { return -s.mirror().upper(t, -drift, p) }

// mean is E[S 1{continue}] after this step.
func (s step) mean() (sum float64) {
	for i, x := range s.x {
		sum += s.m[i] * x
	}
	return sum
}
