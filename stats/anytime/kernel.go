package anytime

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/gamma"
	"gonum.org/v1/gonum/mathext"
)

// kernel is a Mixture with all of its parameters known.
type kernel struct {
	kind       Kind
	alpha, rho float64
	oneSided   bool
	c, g, h    float64
	p, q       float64 // shares of the beta-binomial's two outcomes, h and −g
	a, b       float64 // its prior's parameters; a alone: the gamma kinds' shape
	atStart    float64 // the part of ln E that does not depend on s and v
}

// start fills in what follows from the parameters.
func (k *kernel) start() {
	switch k.kind {
	case GammaExponential:
		k.a = k.rho / (k.c * k.c)
		k.atStart = 0.5*math.Log(k.a) - gamma.Remainder(k.a) - lnLower(k.a, 0)
	case GammaPoisson:
		k.a = k.rho / (k.c * k.c)
		k.atStart = 0.5*math.Log(k.a) - gamma.Remainder(k.a) - lnUpper(k.a, 0)
	case BetaBinomial:
		// ρ has the unit of v; r is what remains for the prior after one toss.
		r := math.Max(k.rho-k.g*k.h, 1e-3*k.g*k.h)
		k.p, k.q = k.g/(k.g+k.h), k.h/(k.g+k.h)
		k.a, k.b = r/(k.h*(k.g+k.h)), r/(k.g*(k.g+k.h))
		k.atStart = -k.beta(k.a, k.b, 0)
	}
}

// support is the range of sums at v.
func (k kernel) support(v float64) (low, high float64) {
	switch k.kind {
	case GammaExponential, GammaPoisson:
		return math.Nextafter(-(v+k.rho)/k.c, 0) * (1 - 1e-12), math.Inf(1)
	case BetaBinomial:
		return -v / k.h, v / k.g
	}
	return math.Inf(-1), math.Inf(1)
}

func (k kernel) logE(s, v float64) float64 {
	total := v + k.rho
	switch k.kind {
	case GammaExponential:
		// With a = (v + ρ)/c² and y = s/(ca) the integral of θ^(a−1) exp(−a(1+y)θ)
		// over θ = 1 − cλ in (0, 1] is Γ(a)P(a, a(1 + y))/(a(1 + y))^a.
		a := total / (k.c * k.c)
		y := s * k.c / total
		return k.atStart + a*lessLog(y) - 0.5*math.Log(a) + gamma.Remainder(a) + lnLower(a, y)
	case GammaPoisson:
		// With x = (v + ρ)/c² and b = x + s/c, θ = e^(cλ) ≥ 1: Γ(b)Q(b, x)/x^b.
		x := total / (k.c * k.c)
		y := s * k.c / total
		b := x * (1 + y)
		return k.atStart + x*gamma.Entropy(y) - 0.5*math.Log(b) + gamma.Remainder(b) + lnUpper(b, -y/(1+y))
	case BetaBinomial:
		// s is e more successes than expected of N = v/(gh) tosses, times g + h.
		e := s / (k.g + k.h)
		tosses := v / (k.g * k.h)
		return k.atStart + k.beta(k.a+tosses*k.p, k.b+tosses*k.q, e)
	}
	e := 0.5*math.Log(k.rho/total) + s*s/(2*total)
	if k.oneSided {
		e += math.Ln2 + lnCDF(s/math.Sqrt(total))
	}
	return e
}

// beta is ln(B(α + e, β − e) P(tilt ≥ p)/p^(α+e)q^(β−e)) up to a constant, where
// α:β = p:q, without the cancelling logarithms of gamma functions.
func (k kernel) beta(alpha, beta, e float64) float64 {
	n := alpha + beta
	up, down := math.Max(alpha+e, 1e-300), math.Max(beta-e, 1e-300)
	// n times the Kullback–Leibler divergence of up/n from p.
	divergence := alpha*gamma.Entropy(e/alpha) + beta*gamma.Entropy(-e/beta)
	value := divergence + 0.5*(math.Log(n/up)-math.Log(down)) +
		gamma.Remainder(up) + gamma.Remainder(down) - gamma.Remainder(n)
	if k.oneSided {
		value += lnBetaAbove(up, down, k.p, k.q, divergence, e)
	}
	return value
}

// lessLog is y − ln(1 + y), for y > −1.
func lessLog(y float64) float64 {
	if math.Abs(y) < 1e-3 {
		return y * y * (0.5 - y*(1./3-y*(1./4-y*(1./5-y/6))))
	}
	return y - math.Log1p(y)
}

// lnBetaAbove is ln P(X ≥ p) of a beta distribution of parameters up and down,
// whose mean is e/(up + down) above p.
//
// Large parameters take the uniform expansion of Temme (1982), SIAM J. Math.
// Anal. 13, with its first correction: the continued fraction would need √n terms.
func lnBetaAbove(up, down, p, q, divergence, e float64) float64 {
	n := up + down
	if n < 1e4 {
		if above := mathext.RegIncBeta(down, up, q); above > 1e-290 {
			return math.Log(above)
		}
	}
	mean := up / n
	spread := math.Sqrt(mean * (down / n))
	t := math.Copysign(math.Sqrt(2*divergence), e)
	return lnShifted(t, spread*math.Sqrt(n)/e, (p-q)/(3*spread*math.Sqrt(n)))
}
