package health

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/quad"
)

// anderson is the Anderson–Darling statistic of sorted p-values against the
// uniform distribution, −n − Σ (2i − 1)(ln p₍ᵢ₎ + ln(1 − p₍ₙ₊₁₋ᵢ₎))/n. It weighs the
// tails, where tests decide.
func anderson(sorted []float64) float64 {
	n, sum := float64(len(sorted)), 0.0
	for i, p := range sorted {
		q := sorted[len(sorted)-1-i]
		sum += (2*float64(i) + 1) * (math.Log(p) + math.Log1p(-q))
	}
	return -n - sum/n
}

// andersonP is P(A² ≥ a) for n uniform values: the limit for many, and what the
// fit of Marsaglia & Marsaglia (2004), J. Statistical Software 9(2), §4, adds for few.
// Simulated, it is within 2·10⁻⁴ for n = 8 and 2·10⁻³ for n = 3; below, it is rough.
func andersonP(n int, a float64) float64 {
	if a > 20 {
		// The statistic is a sum of χ²₁/(j(j + 1)); its far tail is the first
		// term's, P(χ²₁ > 2a), times Π (1 − 2/(j(j + 1)))^(−½) = √3.
		return math.Sqrt(3) * math.Erfc(math.Sqrt(a))
	}
	x := limitAnderson(a)
	return math.Min(1, math.Max(0, 1-x-finiteAnderson(float64(n), x)))
}

// limitAnderson is the limit of P(A² < z),
//
//	√(2π)/z Σ (−1)ʲ Γ(j + ½)/(Γ(½) j!) (4j + 1) e^(−b) ∫₀^∞ exp(z/(8(w² + 1)) − bw²) dw
//
// with b = (4j + 1)²π²/(8z), for z up to 20, where eight terms are enough.
//
// Source: Anderson & Darling (1952), Annals of Mathematical Statistics 23, §4.
func limitAnderson(z float64) float64 {
	if z < 0.02 {
		return 0
	}
	rule := quad.Legendre(128)
	sum, binomial := 0.0, 1.0
	for j := range 8 {
		k := float64(4*j + 1)
		b := k * k * math.Pi * math.Pi / (8 * z)
		half := math.Sqrt(40/b) / 2
		integral := 0.0
		for i, node := range rule.Nodes {
			w := half * (1 + node)
			integral += rule.Weights[i] * math.Exp(z/(8*(w*w+1))-b*(1+w*w))
		}
		sum += binomial * k * half * integral
		binomial *= -(float64(j) + 0.5) / float64(j+1)
	}
	return math.Sqrt(2*math.Pi) / z * sum
}

// finiteAnderson is what n values add to the limit's P(A² < a) = x.
func finiteAnderson(n, x float64) float64 {
	c := .01265 + .1757/n
	switch {
	case x > 0.8:
		return (-130.2137 + (745.2337-(1705.091-(1950.646-(1116.360-255.7844*x)*x)*x)*x)*x) / n
	case x < c:
		t := x / c
		t = math.Sqrt(t) * (1 - t) * (49*t - 102)
		return t * (.0037/(n*n) + .00078/n + .00006) / n
	}
	t := (x - c) / (.8 - c)
	t = -.00022633 + (6.54034-(14.6538-(14.458-(8.259-1.91864*t)*t)*t)*t)*t
	return t * (.04213 + .01365/n) / n
}
