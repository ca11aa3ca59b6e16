package anytime

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/gamma"
	"github.com/assay-planner/assay/stats/internal/norm"
	"gonum.org/v1/gonum/mathext"
)

// lnCDF is ln Φ(z), also where Φ(z) is no float64 any more.
func lnCDF(z float64) float64 {
	if z > -30 {
		return math.Log(norm.CDF(z))
	}
	w := 1 / (z * z)
	return -z*z/2 - 0.5*math.Log(2*math.Pi) - math.Log(-z) + math.Log1p(-w*(1-w*(3-15*w)))
}

// large is the shape from which the gamma functions take Temme's expansion.
const large = 1e5

// lnLower is ln P(a, x) of the regularised lower incomplete gamma function at
// x = a(1 + y), y > −1.
func lnLower(a, y float64) float64 {
	x := a * (1 + y)
	if a > large {
		return lnShifted(temme(a, y), 1/(math.Sqrt(a)*y), 1/(3*math.Sqrt(a)))
	}
	if p := mathext.GammaIncReg(a, x); p > 1e-290 {
		return math.Log(p)
	}
	// x^a e^(−x)/Γ(a + 1) · Σ xⁿ/((a + 1)…(a + n)), far below the mean.
	sum, term := 1.0, 1.0
	for n := 1.0; term > 1e-17*sum && n < 1e5; n++ {
		term *= x / (a + n)
		sum += term
	}
	return a*math.Log1p(y) - a*y - 0.5*math.Log(2*math.Pi*a) - gamma.Remainder(a) + math.Log(sum)
}

// lnUpper is ln Q(a, x) = ln(1 − P(a, x)) at x = a(1 + y), y > −1.
func lnUpper(a, y float64) float64 {
	x := a * (1 + y)
	if a > large {
		return lnShifted(-temme(a, y), -1/(math.Sqrt(a)*y), -1/(3*math.Sqrt(a)))
	}
	if q := mathext.GammaIncRegComp(a, x); q > 1e-290 {
		return math.Log(q)
	}
	// x^(a−1) e^(−x)/Γ(a) · (1 + (a − 1)/x (1 + (a − 2)/x (…))), far above the mean.
	sum, term := 1.0, 1.0
	for n := 1.0; n < 1e5; n++ {
		next := term * (a - n) / x
		if math.Abs(next) >= math.Abs(term) || math.Abs(next) < 1e-17*sum {
			break
		}
		term = next
		sum += term
	}
	return a*math.Log1p(y) - a*y + 0.5*math.Log(a/(2*math.Pi)) - gamma.Remainder(a) - math.Log(x) + math.Log(sum)
}

// temme is η√a, the normal score of a gamma variable of shape a at a(1 + y).
func temme(a, y float64) float64 {
	return math.Copysign(math.Sqrt(2*a*lessLog(y)), y)
}

// lnShifted is ln(Φ(t) + φ(t)(1/t − w)), where t is a uniform normal score and w
// the inverse of the plain one, so that 1/t − w corrects for skewness; atZero is
// that difference at t = 0, where both terms are infinite.
//
// Source: Temme (1979), "The asymptotic expansion of the incomplete gamma
// functions", SIAM J. Math. Anal. 10, §3.
func lnShifted(t, w, atZero float64) float64 {
	correction := atZero
	if math.Abs(t) > 1e-4 {
		correction = 1/t - w
	}
	value := lnCDF(t)
	density := math.Exp(-t*t/2 - 0.5*math.Log(2*math.Pi) - value)
	return value + math.Log1p(math.Max(-0.999, density*correction))
}
