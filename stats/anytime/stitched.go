package anytime

import (
	"cmp"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
	"gonum.org/v1/gonum/mathext"
)

// Stitched is the polynomial stitching boundary of a sub-gamma sum: a closed form
// that grows as √(V log log V), the slowest rate there is. A Mixture grows as
// √(V log V) but is tighter over the few powers of ten that a test lasts.
type Stitched struct {
	VMin  float64 // intrinsic time from which the boundary holds tightly, above 0; before it the bound is that at VMin
	Alpha float64 // probability that S ever crosses, in (0, 1); zero means 0.05
	Scale float64 // c of the sub-gamma increments, in the unit of S; 0: sub-Gaussian; below 0: an upper tail lighter than normal
	Power float64 // s > 1: later epochs get shares k^(−s) of Alpha; zero means 1.4
	Eta   float64 // η > 1: ratio of the ends of an epoch; zero means 2
}

// Bound returns the boundary at intrinsic time v > 0, with v replaced by VMin
// where it is below:
//
//	u(v) = √(k₁² v ℓ(v) + k₂² c² ℓ(v)²) + k₂ c ℓ(v)
//	ℓ(v) = s ln ln(ηv/VMin) + ln(ζ(s)/(α ln(η)^s))
//	k₁ = (η^¼ + η^(−¼))/√2      k₂ = (√η + 1)/2
//
// where ζ is Riemann's zeta function. P(S ever exceeds u(V)) ≤ α.
//
// Source: Howard, Ramdas, McAuliffe & Sekhon (2021), Annals of Statistics 49,
// §3.1, Theorem 1.
func (b Stitched) Bound(v float64) (float64, error) {
	alpha, s, eta := cmp.Or(b.Alpha, 0.05), cmp.Or(b.Power, 1.4), cmp.Or(b.Eta, 2)
	if err := input.First(scaled("VMin", b.VMin), input.Fraction("Alpha", alpha), input.Positive("v", v),
		input.Check(math.Abs(b.Scale) <= 1e20, "Scale", b.Scale, "must be a number of magnitude at most 1e20"),
		input.Check(s > 1 && s <= 100, "Power", s, "must be above 1, at most 100"),
		input.Check(eta > 1 && eta <= 1e6, "Eta", eta, "must be above 1, at most 1e6")); err != nil {
		return 0, err
	}
	v = math.Max(v, b.VMin)
	l := s*math.Log(math.Log(eta*v/b.VMin)) + math.Log(mathext.Zeta(s, 1)/alpha) - s*math.Log(math.Log(eta))
	k1 := (math.Pow(eta, 0.25) + math.Pow(eta, -0.25)) / math.Sqrt2
	k2 := (math.Sqrt(eta) + 1) / 2
	linear := k2 * b.Scale * l
	if linear >= 0 {
		return math.Hypot(k1*math.Sqrt(v*l), linear) + linear, nil
	}
	// The same root, without the difference of two large numbers.
	square := k1 * k1 * v * l
	return square / (math.Sqrt(square+linear*linear) - linear), nil
}
