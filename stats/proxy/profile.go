package proxy

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// profile is the likelihood around its maximum, for intervals of single numbers: all
// values c with 2(ℓ̂ − max ℓ given c) ≤ z².
type profile struct {
	d       *data
	best    point
	z       float64
	settled bool
}

// lost is √(2(ℓ̂ − max ℓ)) with a form's number held, the other parameters starting at x.
func (p *profile) lost(f held, x []float64) float64 {
	q, ok := p.d.climb(f, p.best.mean, x)
	p.settled = p.settled && ok
	return math.Sqrt(2 * max(0, p.best.value-q.value))
}

// edge is where the loss reaches z between the estimate and an end of the range; the
// end itself if it does not.
func (p *profile) edge(estimate, end, tolerance float64, lost func(float64) float64) float64 {
	if estimate == end {
		return end
	}
	last := lost(end) - p.z
	if last <= 0 {
		return end
	}
	return solve.Root(estimate, end, tolerance, func(c float64) float64 {
		switch c {
		case estimate:
			return -p.z
		case end:
			return last
		}
		return lost(c) - p.z
	})
}

// correlation is the interval of the correlation of δ_Y with its best prediction.
func (p *profile) correlation(estimate, level float64) stats.Interval {
	s := p.d.k - 1
	lost := func(c float64) float64 {
		return p.lost(holdCorrelation(s, c), p.startCorrelated())
	}
	least := -1.0
	if s > 1 {
		least = 0
	}
	i := stats.Interval{Level: level}
	i.High = p.edge(estimate, 1, 1e-4, lost)
	// No relation at all is s statements at once, all of Λ_SY = 0, which take the χ²
	// of s degrees of freedom.
	if s > 1 && lost(0) <= math.Sqrt(distuv.ChiSquared{K: float64(s)}.Quantile(level)) {
		return i
	}
	i.Low = p.edge(estimate, least, 1e-4, lost)
	return i
}

// startCorrelated are the parameters of correlated next to the best Λ.
func (p *profile) startCorrelated() []float64 {
	s := p.d.k - 1
	r, short, long, last := p.blocks()
	x := append(short.entries(r), math.Sqrt(max(last, 1e-6)))
	if s == 1 {
		return x
	}
	u := direction(r, long, s)
	return append(x, u...)
}

// blocks are a root of the best Λ_SS, Λ_SY and Λ_YY.
func (p *profile) blocks() (r []float64, short rooted, long []float64, last float64) {
	k, s := p.d.k, p.d.k-1
	a := make([]float64, s*s)
	long = make([]float64, s)
	for i := range s {
		copy(a[i*s:i*s+s], p.best.cov[i*k:])
		long[i] = p.best.cov[i*k+s]
	}
	return root(a, s, 1e-6), rooted{&data{k: s, pair: pairs(s)}}, long, p.best.cov[k*k-1]
}

// direction is R⁻¹λ, of length 1.
func direction(r, long []float64, s int) []float64 {
	w := make([]float64, s*s)
	u := make([]float64, s)
	if _, ok := invert(w, append([]float64(nil), r...), s); ok {
		u = times(w, long)
	}
	size := 0.0
	for _, x := range u {
		size = math.Hypot(size, x)
	}
	if !(size > 1e-12) {
		u[0], size = 1, 1
	}
	for i := range u {
		u[i] /= size
	}
	return u
}

// slope is the interval of the slope on the only short-term metric; infinite where
// that metric's own spread may be none, so that any slope is as likely.
func (p *profile) slope(estimate, level float64) stats.Interval {
	short, long := p.best.cov[0], p.best.cov[3]
	x := []float64{math.Sqrt(max(short, 1e-6)), math.Sqrt(max(long, 1e-6))}
	lost := func(b float64) float64 { return p.lost(holdSlope(b), x) }
	typical := math.Sqrt((long + 1) / (short + 1)) // of estimates' spreads
	far := func(sign float64) float64 {
		inner := estimate
		for step := typical / math.Sqrt(float64(len(p.d.tests))); step < 1e4*typical; step *= 4 {
			outer := estimate + sign*step
			if lost(outer) > p.z {
				return p.edge(inner, outer, 1e-4*step, lost)
			}
			inner = outer
		}
		return math.Inf(int(sign))
	}
	return stats.Interval{Low: far(-1), High: far(1), Level: level}
}

// weights are the intervals of several weights by the delta method, with expected
// information: dw = Λ_SS⁻¹(dΛ_SY − dΛ_SS w). Infinite where Λ_SS or the information is
// singular.
func (p *profile) weights(w []float64, level float64) []stats.Interval {
	k, s, m := p.d.k, len(w), len(p.d.pair)
	all := make([]stats.Interval, s)
	for j := range all {
		all[j] = stats.Interval{Low: math.Inf(-1), High: math.Inf(1), Level: level}
	}
	block, inverse := make([]float64, s*s), make([]float64, s*s)
	for i := range s {
		copy(block[i*s:i*s+s], p.best.cov[i*k:])
	}
	values, _ := eigen(block, s)
	spread := inverseOf(p.best.info, m)
	if _, ok := invert(inverse, block, s); !ok || values[0] < negligible || spread == nil {
		return all
	}
	for j := range all {
		by := make([]float64, m) // ∂wⱼ by the distinct entries of Λ
		for i, q := range p.d.pair {
			a, b := q[0], q[1]
			switch {
			case a == s: // Λ_YY does not matter
			case b == s:
				by[i] = inverse[j*s+a]
			case a == b:
				by[i] = -inverse[j*s+a] * w[a]
			default:
				by[i] = -inverse[j*s+a]*w[b] - inverse[j*s+b]*w[a]
			}
		}
		reach := p.z * math.Sqrt(max(0, floats.Dot(by, times(spread, by))))
		all[j].Low, all[j].High = w[j]-reach, w[j]+reach
	}
	return all
}

func critical(level float64) float64 { return -norm.Quantile((1 - level) / 2) }
