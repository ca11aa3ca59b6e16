// Package noncentral is Student's t distribution, central and noncentral, exact
// to about 1e-14 for degrees of freedom from 1 to 1e9 and +Inf.
package noncentral

import (
	"math"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mathext"

	"github.com/assay-planner/assay/stats/internal/gamma"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// Tail is P(T > t) for T = (Z + δ)/S, with Z standard normal and S = √(χ²_ν/ν):
//
//	∫ f(y) Φ(δ − t eʸ) dy      y = ln S
//
// It takes ν = df ≥ 1; ν = +Inf is the normal distribution with mean δ. For t and
// δ of equal sign small tails keep their relative precision, which 1 − CDF loses.
//
// Source: Johnson, Kotz & Balakrishnan (1995), Continuous Univariate
// Distributions, vol. 2, 2nd ed., ch. 31. The integral is taken instead of the
// series, which needs about δ²/2 terms and incomplete beta functions that lose
// digits at large ν.
func Tail(t, df, delta float64) float64 {
	switch {
	case math.IsInf(df, 1):
		return norm.CDF(delta - t)
	case t == 0:
		return norm.CDF(delta)
	case t < 0:
		return math.Max(0, 1-Tail(-t, df, -delta))
	case delta > 9 && delta > 1.5*math.Sqrt(2*df) && df < 1e4:
		return steep(t, df, delta)
	case df >= 2000 && t*t < df/40 && math.Abs(delta-t) < 9:
		return even(t, df, delta)
	}
	return general(t, df, delta)
}

// general is Tail for t > 0, anywhere but where steep is better.
func general(t, df, delta float64) float64 {
	chi := newChi(df)
	centre, width := peak(t, df, delta)
	// Rounding may take it just above 1.
	return math.Min(1, trapezoid(centre, width, func(y float64) float64 {
		if y < -0.5 {
			return chi.density(y) * norm.CDF(delta-t*math.Exp(y))
		}
		// Near y = 0, where large δ and t cancel, their difference is exact.
		return chi.density(y) * norm.CDF(delta-t-t*math.Expm1(y))
	}))
}

// hermite are the nodes x and weights of ∫ e^(−x²) f(x) dx, exact for polynomials
// up to degree 31.
var hermite = func() (rule [16]struct{ x, weight float64 }) {
	var x, weight [len(rule)]float64
	quad.Hermite{}.FixedLocations(x[:], weight[:], math.Inf(-1), math.Inf(1))
	for i := range rule {
		rule[i].x, rule[i].weight = x[i], weight[i]
	}
	return rule
}()

// even is Tail where the density of y is e^(−νy²) but for a factor that is almost 1,
// and Φ almost even against it: half as many points as Tail's own rule, known beforehand.
func even(t, df, delta float64) float64 {
	chi, root := newChi(df), math.Sqrt(df)
	sum := 0.0
	for _, n := range hermite {
		y := n.x / root
		w := 2 * y
		skew := -chi.half * (expm1Less(w) - w*w/2)
		sum += n.weight * math.Exp(skew) * norm.CDF(delta-t-t*math.Expm1(y))
	}
	return math.Min(1, chi.scale/root*sum)
}

// steep is Tail where Φ(δ − ts) is a step against the density of S: by parts,
// E F((δ + Z)/t) with F the distribution function of S, smooth on the scale of Z.
func steep(t, df, delta float64) float64 {
	return math.Min(1, trapezoid(0, 1, func(z float64) float64 {
		s := (delta + z) / t
		return norm.Density(z) * mathext.GammaIncReg(df/2, df/2*s*s)
	}))
}

// peak is the mode in y of the integrand of Tail, which is log-concave for
// t > 0, and its width there, (−(log)″)^−½. The slope of the log is −t eʸ m at
// y = 0, below 0, so the mode is at most 0.
func peak(t, df, delta float64) (mode, width float64) {
	lo, hi := -800.0, 0.0 // eʸ stays above the smallest number
	y := math.Min(0, math.Log((math.Max(delta, 0)+40)/t))
	for range 80 {
		s := t * math.Exp(y)
		m, excess := mills(delta - s)
		slope := -df*math.Expm1(2*y) - s*m
		bend := 2*df*math.Exp(2*y) + s*m + s*s*m*excess
		width = 1 / math.Sqrt(bend)
		if slope > 0 {
			lo = y
		} else {
			hi = y
		}
		if math.Abs(slope) < 0.1*bend*width {
			break
		}
		if y += slope / bend; !(y > lo && y < hi) {
			y = lo + (hi-lo)/2
		}
	}
	return y, width
}

// mills is m = φ(x)/Φ(x), the slope of log Φ, and its excess m + x.
func mills(x float64) (m, excess float64) {
	if x < -30 {
		// Φ underflows and m + x cancels: three terms of the continued fraction.
		excess = -1 / (x - 2/(x-3/x))
		return excess - x, excess
	}
	m = norm.Density(x) / norm.CDF(x)
	return m, m + x
}

// Critical is the upper quantile: P(T > t) = α for the central t, 0 < α < 1. Small α
// keep their relative precision. It is Newton's method for the log of the tail
// in log t, where the tail is concave, so that it converges from any start.
func Critical(alpha, df float64) float64 {
	z := -norm.Quantile(alpha)
	switch {
	case math.IsInf(df, 1):
		return z
	case alpha == 0.5:
		return 0
	case alpha > 0.5:
		return -Critical(1-alpha, df)
	}
	t := z + z*(z*z+1)/(4*df)
	for range 100 {
		tail := Tail(t, df, 0)
		step := math.Log(tail/alpha) * math.Exp(math.Log(tail)-math.Log(t)-logDensity(t, df))
		// A step into the heavy tail of few degrees of freedom overflows if it is not held.
		t *= math.Exp(math.Min(step, 20))
		if math.Abs(step) < 1e-8 {
			break
		}
	}
	return t
}

// logDensity of the central t; for large ν to 1/ν², enough for Newton's step.
func logDensity(t, df float64) float64 {
	c := math.Log1p(-1/(4*df)) - math.Log(2*math.Pi)/2
	if df < 1e4 {
		a, _ := math.Lgamma((df + 1) / 2)
		b, _ := math.Lgamma(df / 2)
		c = a - b - math.Log(df*math.Pi)/2
	}
	// The logarithm of 1 + t²/ν, where t² may overflow.
	return c - (df+1)*math.Log(math.Hypot(1, t/math.Sqrt(df)))
}

// Node is a value of S with its weight.
type Node struct{ S, Weight float64 }

// Nodes are a quadrature rule for the mean over S = √(χ²_ν/ν), the relative error
// of an estimated standard deviation: Σ Weight·f(S), for f smooth on the scale
// of S. It is the trapezoidal rule in ln S; ν = +Inf has S = 1 alone.
func Nodes(df float64) []Node {
	if math.IsInf(df, 1) {
		return []Node{{1, 1}}
	}
	chi, h := newChi(df), 0.5/math.Sqrt(2*df)
	switch {
	case df < 10:
		h /= 3 // the density is far from a normal one
	case df > 100:
		h *= 1.5 // and here it is one, narrow against f
	}
	nodes := []Node{{1, h * chi.density(0)}}
	for _, step := range []float64{h, -h} {
		for y := step; ; y += step {
			weight := h * chi.density(y)
			if !(weight >= 1e-17*nodes[0].Weight) {
				break
			}
			nodes = append(nodes, Node{math.Exp(y), weight})
		}
	}
	return nodes
}

// chi is the density of ln S.
type chi struct{ half, scale float64 } // ν/2 and the density at 0

func newChi(df float64) chi {
	half := df / 2
	return chi{half, math.Sqrt(half*2/math.Pi) * math.Exp(-gamma.Remainder(half))}
}

// density is C exp(−(ν/2)(e²ʸ − 1 − 2y)), with C from Stirling's formula so that
// nothing cancels at large ν.
func (c chi) density(y float64) float64 {
	return c.scale * math.Exp(-c.half*expm1Less(2*y))
}

// expm1Less is eʷ − 1 − w, by its series where that cancels.
func expm1Less(w float64) float64 {
	if math.Abs(w) > 0.2 {
		return math.Expm1(w) - w
	}
	s := 1.0
	for k := 12.0; k >= 3; k-- {
		s = 1 + s*w/k
	}
	return s * w * w / 2
}

// trapezoid is the integral over the line of a function with one peak, by the
// trapezoidal rule from the centre outwards, with the step halved until two
// answers agree. For analytic functions the error is the square of the former
// one at every halving, so that agreement to 3e-7 means 1e-13.
func trapezoid(centre, width float64, f func(float64) float64) float64 {
	h := width
	whole := h * (f(centre) + outwards(centre, h, h, f) + outwards(centre, -h, -h, f))
	for range 14 {
		between := h * (outwards(centre, h/2, h, f) + outwards(centre, -h/2, -h, f))
		better := (whole + between) / 2
		h /= 2
		if math.Abs(better-whole) <= 3e-7*math.Abs(better) {
			return better
		}
		whole = better
	}
	return whole
}

// outwards sums f at centre + first, + first + step, … until its terms vanish.
func outwards(centre, first, step float64, f func(float64) float64) (sum float64) {
	for j := range 100_000 {
		term := f(centre + first + float64(j)*step)
		sum += term
		if !(term > 1e-17*sum) {
			break
		}
	}
	return sum
}
