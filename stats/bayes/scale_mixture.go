package bayes

import (
	"math"
	"slices"

	"github.com/assay-planner/assay/stats/internal/solve"
)

// A t is a normal whose precision λ was drawn from a gamma distribution of mean 1:
//
//	δ | λ ~ N(M, s²/λ)      λ ~ Gamma(ν/2, rate ν/2)
//
// Given λ all is in closed form, and over u = log λ the integrand is analytic in
// the strip |Im u| < π/2. There the trapezoidal rule of step h is off by about
// |Γ(a + 2πi/h)|/Γ(a) of the whole, its Fourier transform at the first alias, with
// a from ν/2 to (ν+1)/2: the step below makes that 1e-15 for any ν. So the
// posterior under a t prior is a mixture of some hundred normals, and its CDF,
// quantiles and moments are those of a Mixture.
//
// Source: Trefethen & Weideman (2014), "The exponentially convergent trapezoidal
// rule", SIAM Review 56(3):385–458, §5; Andrews & Mallows (1974), JRSS B 36:99–102.
type precisions struct {
	df, distance, noise float64 // ν, |estimate − M|/s, se/s
	step                float64 // h
	mode                float64 // u of the highest weight: the nodes are mode + jh
	lambda, variance    float64 // λ at the mode, and 1/λ + noise²
}

// depth is how far below its maximum, in logs, the integrand is left out.
const depth = 38

// wide is the se, in scales, above which an estimate says nothing of λ.
const wide = 1e12

func (t StudentT) precisions(estimate, se float64) precisions {
	p := precisions{df: t.DF, distance: math.Abs(estimate-t.Location) / t.Scale, noise: se / t.Scale}
	if p.noise > wide {
		p.distance *= wide / p.noise
		p.noise = wide
	}
	p.step = step(t.DF)
	return p
}

func step(df float64) float64 { return 2 * math.Pi / math.Sqrt(40*(df+1)+700) }

// slope is twice the derivative of the log weight by u.
func (p precisions) slope(u float64) float64 {
	prior, variance := math.Exp(-u), math.Exp(-u)+p.noise*p.noise
	return p.df*(1-1/prior) + prior/variance*(1-p.distance/variance*p.distance)
}

// modes lists the local maxima of the weight: one or two. They lie where λ is
// between 1/max(1, distance²) and 2/min(1, ν). Steps of 2/√ν can only miss a pair of
// stationary points that lie so close that the walk over the weights does not
// notice the valley.
func (p precisions) modes() []float64 {
	lo, hi := -2*math.Log(max(1, p.distance))-0.1, math.Log(2/min(1, p.df))+0.1
	cells := math.Ceil((hi - lo) / min(0.5, 2/math.Sqrt(p.df)))
	var found []float64
	left, rising := lo, true
	for i := 1.0; i <= cells; i++ {
		right := lo + (hi-lo)*i/cells
		now := p.slope(right) > 0
		if rising && !now {
			found = append(found, solve.Root(left, right, 1e-6, p.slope))
		}
		left, rising = right, now
	}
	return found
}

// at moves the reference of relative to u.
func (p *precisions) at(u float64) {
	p.mode = u
	p.lambda = math.Exp(u)
	p.variance = 1/p.lambda + p.noise*p.noise
}

// relative is the log weight at mode + x less that at the mode: the gamma density
// of λ, per unit of u, times N(distance; 0, 1/λ + noise²). Differences are taken
// before anything large is.
func (p precisions) relative(x float64) float64 {
	more := math.Expm1(-x) / p.lambda // of the variance
	variance := p.variance + more
	return p.df/2*(x-p.lambda*math.Expm1(x)) - math.Log1p(more/p.variance)/2 +
		p.distance/p.variance*(p.distance*(more/variance))/2
}

// peak is the log weight at the mode itself, per unit of u and of distance.
func (p precisions) peak() float64 {
	z := p.distance / math.Sqrt(p.variance)
	return logGammaPeak(p.df/2) - p.df/2*(math.Expm1(p.mode)-p.mode) - z*z/2 - math.Log(2*math.Pi*p.variance)/2
}

// logGammaPeak is log(aᵃ e⁻ᵃ/Γ(a)): the gamma density of shape and rate a at λ = 1.
func logGammaPeak(a float64) float64 {
	if a > 50 {
		b := 1 / (a * a)
		return math.Log(a/(2*math.Pi))/2 - (1-b*(1.0/30-b/105))/(12*a)
	}
	g, _ := math.Lgamma(a)
	return a*math.Log(a) - a - g
}

// each visits the nodes that matter, with their log weight relative to the mode.
// One matters whose weight, or weight times the second moment of δ given λ, is
// within depth of the largest; under a flat likelihood and few degrees of freedom
// small weights carry the variance.
func (p *precisions) each(visit func(u, logWeight float64)) {
	modes := p.modes()
	p.at(modes[0])
	if len(modes) > 1 {
		if other := p.relative(modes[1] - p.mode); other > 0 {
			slices.Reverse(modes)
			p.at(modes[0])
		}
	}
	// Walk the lattice outward from every mode, leaving out what was visited.
	first, last := 1.0, 0.0
	top, topMoment := 0.0, math.Inf(-1)
	take := func(j float64) bool {
		u := p.mode + j*p.step
		w := p.relative(j * p.step)
		moment := w + p.logMoment(u)
		if w < top-depth && moment < topMoment-depth {
			return false
		}
		top, topMoment = max(top, w), max(topMoment, moment)
		visit(u, w)
		return true
	}
	for _, mode := range modes {
		start := math.Round((mode - p.mode) / p.step)
		if first <= start && start <= last {
			continue
		}
		was, upTo := first, last
		low, high := start, start+1
		for !(was <= low && low <= upTo) && take(low) {
			low--
		}
		for !(was <= high && high <= upTo) && take(high) {
			high++
		}
		first, last = low+1, high-1
	}
}

// logMoment is the log of 1 + E[(δ − M)²/s² | λ, estimate], without the estimate's
// own part where the likelihood is narrow: all nodes share that.
func (p precisions) logMoment(u float64) float64 {
	prior, noise := math.Exp(-u), p.noise*p.noise
	shrink := prior / (prior + noise)
	m := p.distance * shrink
	return math.Log(1 + shrink*noise + m*m)
}
