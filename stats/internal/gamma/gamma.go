// Package gamma has the tail of the χ² distribution, and what remains of the
// logarithm of the gamma function when the large terms, which cancel in ratios, are
// taken out by hand.
package gamma

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// ChiSquareTail is P(χ² ≥ q) with df ≥ 1 degrees of freedom, for q ≥ 0. Small tails
// keep their relative precision, down to the smallest number.
func ChiSquareTail(q float64, df int) float64 {
	return mathext.GammaIncRegComp(float64(df)/2, q/2)
}

// Remainder is Stirling's error for a > 0,
//
//	D(a) = ln Γ(a) − ((a − ½) ln a − a + ½ ln 2π)
//
// about 1/(12a). At a = 10⁹ the logarithms are 2·10¹⁰ and their difference keeps
// five digits; this keeps all of them.
//
// Source: Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 6.1.41.
func Remainder(a float64) float64 {
	if a < 10 {
		l, _ := math.Lgamma(a)
		return l - ((a-0.5)*math.Log(a) - a + 0.5*math.Log(2*math.Pi))
	}
	b := 1 / (a * a)
	return (1./12 - b*(1./360-b*(1./1260-b*(1./1680-b*(1./1188-b*691/360360))))) / a
}

// Entropy is (1 + y) ln(1 + y) − y for y ≥ −1: what an outcome that is 1 + y times
// as frequent as expected adds to a Kullback–Leibler divergence. It is about y²/2.
func Entropy(y float64) float64 {
	if y <= -1 {
		return 1
	}
	if math.Abs(y) < 1e-3 {
		return y * y * (0.5 - y*(1./6-y*(1./12-y/20)))
	}
	return (1+y)*math.Log1p(y) - y
}
