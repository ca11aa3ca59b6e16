package anytime

import (
	"cmp"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// Kind names the increments that a Mixture is for.
type Kind string

const (
	Normal           Kind = "normal"            // sub-Gaussian: normal, symmetric, or bounded in [a, b] with variance (b − a)²/4 each
	GammaExponential Kind = "gamma-exponential" // sub-exponential of scale c: heavier upper tail, as a centred exponential of mean c
	GammaPoisson     Kind = "gamma-poisson"     // sub-Poisson of scale c: bounded above by c, as a centred Poisson times c
	BetaBinomial     Kind = "beta-binomial"     // sub-Bernoulli: between −g and h, as a centred coin
)

// Mixture is a test martingale for a sum S of centred increments whose
// variances add up to V (its intrinsic time), and the boundary that the
// martingale gives: with probability 1 − Alpha, S stays below Bound(V) for ever.
// It is the exact non-asymptotic tool for counts and bounded values; a Design
// is the one for effects with standard errors.
type Mixture struct {
	Kind Kind // empty means Normal
	// VOpt is the intrinsic time, above 0, at which the boundary is tightest, in
	// the squared unit of S. The boundary holds at all others too.
	VOpt float64
	// Alpha is the probability that the boundary is ever crossed, in (0, 1);
	// below ½ if the boundary is one-sided. Zero means 0.05.
	Alpha float64
	// OneSided, of Normal and BetaBinomial: Alpha is for S alone. Otherwise it
	// is for |S| (for BetaBinomial: for S and for a mirrored bound of −S
	// together). The gamma kinds are always one-sided.
	OneSided bool
	Scale    float64 // c of the gamma kinds, above 0, in the unit of S
	// Below and Above are g and h of BetaBinomial: an increment lies between −g
	// and h, both above 0, in the unit of S. Its variance g·h counts into V.
	Below, Above float64
}

// LogE returns the natural logarithm of the martingale E at sum s and intrinsic
// time v > 0. E starts at 1 and has mean at most 1 while the increments are
// centred, so P(E ever reaches 1/α) ≤ α: evidence that adds up however often
// one looks. With ρ = VOpt/(2 ln(1/α) + ln(1 + 2 ln(1/α))), where a one-sided
// kind takes 2α for α:
//
//	Normal            √(ρ/(v + ρ)) exp(s²/(2(v + ρ)))      one-sided: times 2Φ(s/√(v + ρ))
//	GammaExponential  ∫ exp(λs − v ψ(λ)) dF(λ),  ψ(λ) = (−ln(1 − cλ) − cλ)/c²
//	GammaPoisson      the same with ψ(λ) = (e^(cλ) − cλ − 1)/c²
//	BetaBinomial      the same with ψ(λ) = ln((g e^(hλ) + h e^(−gλ))/(g + h))/(gh)
//
// where F is conjugate with precision ρ: a gamma distribution of 1 − cλ ≤ 1 or of
// e^(cλ) ≥ 1, a beta distribution of the tilted probability. The closed forms
// are written with Stirling's remainders, so that v = 10¹² keeps its digits.
//
// The gamma kinds need s > −(v + ρ)/c, BetaBinomial −v/h ≤ s ≤ v/g: no sums of
// such increments are elsewhere.
//
// Source: Howard, Ramdas, McAuliffe & Sekhon (2021), "Time-uniform,
// nonparametric, nonasymptotic confidence sequences", Annals of Statistics 49,
// §3.2–3.3, Propositions 5–7 and 9–10.
func (m Mixture) LogE(s, v float64) (float64, error) {
	k, err := m.prepare()
	if err := input.First(err, input.Finite("s", s), input.Positive("v", v)); err != nil {
		return 0, err
	}
	low, high := k.support(v)
	if err := input.First(input.Check(s >= low, "s", s, "no sum of such increments is so low at this v"),
		input.Check(s <= high, "s", s, "no sum of such increments is so high at this v")); err != nil {
		return 0, err
	}
	e := k.logE(s, v)
	return e, input.Finite("ln E", e)
}

// Bound returns u(v) for intrinsic time v > 0, in the unit of S, with
//
//	P(S > u(V) at any time) ≤ α
//
// (of |S| for a two-sided Normal): the s at which LogE reaches ln(1/α). For
// the two-sided Normal that is √((v + ρ)(ln(1 + v/ρ) + 2 ln(1/α))). For
// BetaBinomial, where no attainable sum crosses, it is the largest, v/g.
//
// Source: as LogE.
func (m Mixture) Bound(v float64) (float64, error) {
	k, err := m.prepare()
	if err := input.First(err, input.Positive("v", v)); err != nil {
		return 0, err
	}
	u := bound(k, v, math.Log(1/k.alpha))
	return u, input.Finite("Bound", u)
}

// bound is the s ≥ 0 with logE(s, v) = threshold > 0. LogE is at most 0 at s = 0
// and convex, so there is one such s or none within the support.
func bound(k kernel, v, threshold float64) float64 {
	if k.kind == Normal && !k.oneSided {
		return math.Sqrt((v + k.rho) * (math.Log1p(v/k.rho) + 2*threshold))
	}
	_, highest := k.support(v)
	below := func(s float64) float64 { return k.logE(s, v) - threshold }
	lo, hi := 0.0, math.Min(highest, math.Sqrt((v+k.rho)*2*threshold))
	for below(hi) < 0 {
		if hi >= highest {
			return highest
		}
		lo, hi = hi, math.Min(highest, 2*hi)
	}
	return solve.Root(lo, hi, 0, below)
}

// prepare checks the fields, fills in their defaults and finds ρ.
func (m Mixture) prepare() (kernel, error) {
	k := kernel{kind: m.Kind, alpha: cmp.Or(m.Alpha, 0.05), oneSided: m.OneSided}
	if k.kind == "" {
		k.kind = Normal
	}
	var err error
	switch k.kind {
	case Normal:
	case GammaExponential, GammaPoisson:
		k.c, k.oneSided = m.Scale, true
		err = scaled("Scale", m.Scale)
	case BetaBinomial:
		k.g, k.h = m.Below, m.Above
		err = input.First(scaled("Below", m.Below), scaled("Above", m.Above))
	default:
		err = input.OneOf("Kind", m.Kind, Normal, GammaExponential, GammaPoisson, BetaBinomial)
	}
	err = input.First(err, scaled("VOpt", m.VOpt), input.Fraction("Alpha", k.alpha),
		input.Check(!k.oneSided || k.alpha < 0.5, "Alpha", k.alpha, "must be below 1/2 for a one-sided boundary"))
	if err != nil {
		return kernel{}, err
	}
	k.rho = precision(m.VOpt, k.alpha, k.oneSided)
	k.start()
	return k, nil
}

// scaled wants a number whose square and ratios stay far from the ends of float64.
func scaled(field string, x float64) error {
	return input.Check(x >= 1e-20 && x <= 1e20, field, x, "must lie between 1e-20 and 1e20")
}

// precision is ρ such that the boundary is about the tightest at v: within 1% of
// the best multiple of √v for any α ≤ 0.5.
func precision(v, alpha float64, oneSided bool) float64 {
	if oneSided {
		alpha *= 2
	}
	l := -2 * math.Log(alpha)
	return v / (l + math.Log1p(l))
}
