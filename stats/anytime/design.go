package anytime

import (
	"cmp"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// Method names a boundary for the effect's estimates.
type Method string

const (
	// NormalMixture holds for ever: mSPRT, normal-mixture and asymptotic
	// confidence sequence in one.
	NormalMixture Method = "normal-mixture"
	// Yeast holds up to a planned end, PlannedSE, and is tightest there.
	Yeast Method = "yeast"
)

// Design fixes, before the first look, how a test is monitored. Effects are in
// any one unit: a difference, a relative lift as a fraction, a ratio.
//
// One number tunes the boundary, which holds whatever that number is: Tau if
// given, else PlannedSE, else MDE.
type Design struct {
	Method Method      // empty means NormalMixture
	Alpha  float64     // probability of a wrong stop at any look, in (0, 1), below ½ if one-sided; zero means 0.05
	Sides  stats.Sides // empty means TwoSided
	Null   float64     // the effect without a difference; 0 for a difference or a lift, 1 for a ratio
	// Margin > 0: effects within Null ± Margin do not matter, and the test stops
	// once the confidence sequence lies within. Zero: it never stops for that.
	// Two-sided designs only: a one-sided sequence never bounds both ends.
	Margin float64

	// MDE is the smallest effect worth finding, as a distance from Null; its sign
	// does not matter. Tuned by it, the boundary is tightest at the look at which an
	// estimate of MDE would be established with probability 0.8 if that look
	// were the only one: τ is then about 0.73 MDE at the default level.
	MDE float64
	// PlannedSE > 0 is the standard error expected at the planned end. Tuned by
	// it, the boundary is tightest there. Yeast needs it.
	PlannedSE float64
	// Tau > 0 is τ, the standard deviation of the normal distribution of true
	// effects that the mixture weighs: τ² of the mSPRT. Johari et al. advise
	// that of past tests, for which the test is fastest on average.
	Tau float64

	// BurnIn is the number of users, all arms together, below which a look is
	// only recorded: neither decided on nor part of the running interval. Every look
	// must then tell its Users. The
	// normal approximation has to hold from the first look on: take 355 times
	// the squared skewness of the metric (Kohavi et al. 2014, "Seven Rules of
	// Thumb for Web Site Experimenters", KDD, rule 7) in the smallest arm.
	BurnIn int
}

// boundary is a Design with its defaults filled in.
type boundary struct {
	Design
	tau    float64 // of the normal mixture
	sign   float64 // +1 and −1 of the one-sided designs; 0: two-sided
	lnInv  float64 // ln(1/α)
	normal kernel  // its one-sided mixture at v = 1
}

func (d Design) prepare() (boundary, error) {
	b := boundary{Design: d}
	b.Alpha = cmp.Or(d.Alpha, 0.05)
	if d.Method == "" {
		b.Method = NormalMixture
	}
	if d.Sides == "" {
		b.Sides = stats.TwoSided
	}
	b.sign = map[stats.Sides]float64{stats.Greater: 1, stats.Less: -1}[b.Sides]
	b.lnInv = -math.Log(b.Alpha)
	if err := b.check(); err != nil {
		return boundary{}, err
	}
	b.normal = kernel{kind: Normal, alpha: b.Alpha, oneSided: b.sign != 0}
	b.tau = b.tuned()
	return b, nil
}

func (b boundary) check() error {
	err := input.First(
		input.OneOf("Method", b.Method, NormalMixture, Yeast), input.OneOf("Sides", b.Sides, stats.TwoSided, stats.Greater, stats.Less),
		input.Fraction("Alpha", b.Alpha), input.Finite("Null", b.Null), input.NonNegative("Margin", b.Margin),
		input.Finite("MDE", b.MDE), input.NonNegative("PlannedSE", b.PlannedSE), input.NonNegative("Tau", b.Tau),
		input.Check(b.BurnIn >= 0, "BurnIn", float64(b.BurnIn), "must be 0 or above"),
		input.Check(b.sign == 0 || b.Alpha < 0.5, "Alpha", b.Alpha, "must be below 1/2 for a one-sided design"),
		input.Check(b.sign == 0 || b.Margin == 0, "Margin", b.Margin, "needs a two-sided design: a one-sided sequence bounds one end only"))
	switch {
	case err != nil:
		return err
	case b.Method == Yeast:
		return input.Check(b.PlannedSE >= 1/input.Max, "PlannedSE", b.PlannedSE, "yeast needs the standard error at the planned end")
	}
	first := cmp.Or(b.Tau, cmp.Or(b.PlannedSE, math.Abs(b.MDE)))
	return input.Check(first >= 1/input.Max, "Tau", first, "Tau, PlannedSE or MDE must be given: one tunes the boundary")
}

// tuned is τ = 1/√ρ for the precision ρ that is best at v = 1/SE².
func (b boundary) tuned() float64 {
	unit := math.Sqrt(1 / precision(1, b.Alpha, b.sign != 0)) // τ/SE at the tuned look
	switch {
	case b.Tau > 0:
		return b.Tau
	case b.PlannedSE > 0:
		return unit * b.PlannedSE
	}
	const power = 0.8
	b.tau = unit
	return unit * math.Abs(b.MDE) / (b.halfWidth(1) + norm.Quantile(power))
}

// halfWidth is the distance of the confidence sequence's end from an estimate
// with standard error se:
//
//	NormalMixture  SE √((1 + r)(ln(1 + 1/r) + 2 ln(1/α)))      r = SE²/τ²
//	Yeast          z SE²/PlannedSE                             z = z₁₋α/₄ (two-sided), z₁₋α/₂
//
// The one-sided normal mixture is solved for numerically.
func (b boundary) halfWidth(se float64) float64 {
	if b.Method == Yeast {
		return b.constant() * se * (se / b.PlannedSE)
	}
	r := se / b.tau
	if b.sign == 0 {
		return se * math.Sqrt((1+r*r)*(math.Log1p(1/r/r)+2*b.lnInv))
	}
	k := b.normal
	k.rho = r * r
	return se * bound(k, 1, b.lnInv)
}

// constant is Yeast's boundary in standard deviations of the sum at the planned
// end. By Lévy's inequality the largest of symmetric sums exceeds b with at most
// twice the probability that the last one does; two sides take half of α each.
func (b boundary) constant() float64 {
	if b.sign == 0 {
		return -norm.Quantile(b.Alpha / 4)
	}
	return -norm.Quantile(b.Alpha / 2)
}

// critical is the normal quantile of the fixed-size test of the same level.
func (b boundary) critical() float64 {
	if b.sign == 0 {
		return -norm.Quantile(b.Alpha / 2)
	}
	return -norm.Quantile(b.Alpha)
}

// evidence is ln Λ of the mixture against Null, and the p-value that this look
// alone gives.
func (b boundary) evidence(effect, se float64) (lnE, p float64) {
	z := (effect - b.Null) / se
	if b.Method == Yeast {
		tail := norm.CDF(-math.Abs(z) * (b.PlannedSE / se))
		if b.sign != 0 {
			return 0, math.Min(1, 2*norm.CDF(-b.sign*z*(b.PlannedSE/se)))
		}
		return 0, math.Min(1, 4*tail)
	}
	r := se / b.tau
	root := 1 / math.Hypot(1, r)
	lnE = (z*root)*(z*root)/2 - 0.5*math.Log1p(1/r/r)
	if b.sign != 0 {
		lnE += math.Ln2 + lnCDF(b.sign*z*root)
	}
	return lnE, math.Min(1, math.Exp(-lnE))
}
