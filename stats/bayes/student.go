package bayes

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// StudentT is Student's t as the distribution of true effects: Location + Scale·T,
// where T has DF degrees of freedom. Its tails fall like |δ|^(−DF), so that a few
// ideas bring most of the gain; a normal is the limit of many degrees of freedom.
//
// The mean exists for DF > 1 only and the variance for DF > 2 only. The posterior
// after any estimate has all moments. Methods return NaN (Posterior an empty
// Mixture) exactly if Check reports an error, an argument is NaN or outside its
// stated range (±1e40 for effects), or the number does not exist.
//
// Source: Azevedo, Deng, Montiel Olea, Rao & Weyl (2020), "A/B Testing with Fat
// Tails", J. Political Economy 128(12):4614–4672.
type StudentT struct {
	Location float64 `json:"location"` // median, a lift as a fraction
	Scale    float64 `json:"scale"`    // above 0, in the unit of Location; not the SD
	DF       float64 `json:"df"`       // tail index α, from 0.5 to 1e6
}

// maxDF is where a t is a normal to every purpose: their log densities differ by
// x⁴/(4 DF).
const minDF, maxDF = 0.5, 1e6

// Check reports, as an *InputError, a location that is no finite number, a scale
// that is not above 0, or degrees of freedom outside [0.5, 1e6].
func (t StudentT) Check() error {
	return input.First(
		input.Finite("Location", t.Location),
		input.Positive("Scale", t.Scale),
		input.Check(t.DF >= minDF && t.DF <= maxDF, "DF", t.DF, "must lie from 0.5 to 1e6"),
	)
}

// Mean returns Location; NaN if DF ≤ 1, where there is no mean.
func (t StudentT) Mean() float64 {
	if t.Check() != nil || t.DF <= 1 {
		return math.NaN()
	}
	return t.Location
}

// SD returns Scale·√(DF/(DF − 2)); +Inf for DF in (1, 2], where the variance is
// infinite, and NaN for DF ≤ 1, where there is none.
func (t StudentT) SD() float64 {
	switch {
	case t.Check() != nil || t.DF <= 1:
		return math.NaN()
	case t.DF <= 2:
		return math.Inf(1)
	}
	return t.Scale * math.Sqrt(t.DF/(t.DF-2))
}

// LogDensity returns, with z = (x − Location)/Scale and ν = DF,
//
//	log Γ((ν+1)/2) − log Γ(ν/2) − ½ log(πν) − log Scale − (ν+1)/2 · log(1 + z²/ν)
//
// Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., appendix A.
func (t StudentT) LogDensity(x float64) float64 {
	if t.Check() != nil || input.Finite("x", x) != nil {
		return math.NaN()
	}
	z := (x - t.Location) / t.Scale
	return logGammaHalf(t.DF/2) - math.Log(math.Pi*t.DF)/2 - math.Log(t.Scale) - (t.DF+1)/2*math.Log1p(z*(z/t.DF))
}

// CDF returns P(δ ≤ x), to 1e-13 of it and of ProbAbove, whichever is smaller (p; below
// 1e-43 to 1e-15 |log p|), by the incomplete beta function or, above 50 degrees of
// freedom, Gauss–Legendre quadrature.
func (t StudentT) CDF(x float64) float64 {
	if t.Check() != nil || math.IsNaN(x) {
		return math.NaN()
	}
	return upperTail(t.DF, (t.Location-x)/t.Scale)
}

// ProbAbove returns P(δ > x), as exactly as CDF does P(δ ≤ x).
func (t StudentT) ProbAbove(x float64) float64 {
	if t.Check() != nil || math.IsNaN(x) {
		return math.NaN()
	}
	return upperTail(t.DF, (x-t.Location)/t.Scale)
}

// Quantile returns the value x with CDF(x) = q, for q in [0, 1], up to the error of
// CDF and the rounding of q. At 0 and 1, and
// where it exceeds the range of numbers (few degrees of freedom and a q of less
// than 1e-150), it is infinite.
func (t StudentT) Quantile(q float64) float64 {
	if t.Check() != nil || !(q >= 0 && q <= 1) {
		return math.NaN()
	}
	if q == 0.5 {
		return t.Location
	}
	tail := math.Log(min(q, 1-q))
	// In w = asinh z the log of the tail is nearly linear, near 0 as far out.
	// A root finder cannot use log 0.
	excess := func(w float64) float64 {
		return math.Log(max(upperTail(t.DF, math.Sinh(w)), math.SmallestNonzeroFloat64)) - tail
	}
	z := math.Inf(1)
	const farthest = 700 // sinh(700) is about 1e304
	if excess(farthest) < 0 {
		z = math.Sinh(solve.Root(0, farthest, 0, excess))
	}
	return t.Location + t.Scale*math.Copysign(z, q-0.5)
}

// upperTail is P(T > z). Each branch asks the incomplete beta
// function for the smaller of I and 1 − I, which keeps its digits. Of many degrees of
// freedom its norm, a difference of log gammas, loses some.
func upperTail(df, z float64) float64 {
	square := z * z
	var half float64
	switch {
	case math.IsInf(square, 1):
		half = 0
	case df > 50:
		half = farTail(df, math.Abs(z))
	case square < 1:
		half = 0.5 - mathext.RegIncBeta(0.5, df/2, square/(df+square))/2
	default:
		half = mathext.RegIncBeta(df/2, 0.5, df/(df+square)) / 2
	}
	if z < 0 {
		return 1 - half
	}
	return half
}

// farTail is P(T > z) for z ≥ 0 as an integral over u = asinh(T/√ν), where the density
// is proportional to cosh(u)^−ν, with u = asinh(z/√ν) + x:
//
//	cosh(u)/cosh(u₀) = 1 + 2 sinh²(x/2) + tanh(u₀) sinh(x)
//
// It falls by e⁻⁴⁰ within 9/√ν, and within 40/(ν tanh u₀).
func farTail(df, z float64) float64 {
	root := math.Sqrt(df)
	front := math.Exp(logGammaHalf(df/2) - math.Log(math.Pi)/2 - df/2*math.Log1p(z/root*(z/root)))
	slope := z / math.Hypot(z, root)
	width := 1 / (root * max(1, root*slope))
	end := min(9/root, 40*width)
	return front * smooth(0, end, 3*min(width, 0.7), func(x float64) float64 {
		half := math.Sinh(x / 2)
		return math.Exp(-df * math.Log1p(2*half*half+slope*math.Sinh(x)))
	})
}

// logGammaHalf is log Γ(a + ½) − log Γ(a); for large a by its asymptotic series,
// because the two cancel.
func logGammaHalf(a float64) float64 {
	if a > 50 {
		b := 1 / (a * a)
		return math.Log(a)/2 - (1-b*(1.0/24-b*(1.0/80-b*17/1792)))/(8*a)
	}
	high, _ := math.Lgamma(a + 0.5)
	low, _ := math.Lgamma(a)
	return high - low
}
