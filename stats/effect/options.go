package effect

import (
	"cmp"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/noncentral"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// Method names a test or an interval.
type Method string

const (
	// Tests and intervals of a difference of means.
	WelchT  Method = "welch-t"  // Student's t with Welch's degrees of freedom
	PooledT Method = "pooled-t" // Student's t, equal variances assumed
	NormalZ Method = "normal"   // Welch's standard error, normal quantiles

	// Intervals of a relative lift of means.
	Delta    Method = "delta"     // lift ± quantile·SE
	LogRatio Method = "log-ratio" // exp(log ratio ± quantile·SE of the log) − 1
	Fieller  Method = "fieller"   // all lifts that the test of ȳₜ − (1 + lift)ȳ_c does not reject

	// Intervals of a difference or a ratio of proportions.
	Score        Method = "score"         // difference and ratio: Miettinen & Nurminen (1985)
	Wald         Method = "wald"          // difference
	AgrestiCaffo Method = "agresti-caffo" // difference: Wald with a success and a failure added to each arm
	Newcombe     Method = "newcombe"      // difference: from the two Wilson intervals
	Log          Method = "log"           // ratio: Katz et al. (1978)
	LogAdjusted  Method = "log-adjusted"  // ratio: Walter (1975), half a success added to each arm

	// Intervals of one proportion.
	Wilson         Method = "wilson"
	ClopperPearson Method = "clopper-pearson" // exact: never below its level
	AgrestiCoull   Method = "agresti-coull"
)

// What arms can be compared by, the default first.
var (
	ofMeans = []Method{WelchT, PooledT, NormalZ}
	ofLifts = []Method{Delta, LogRatio, Fieller}
)

// Options says how two arms are compared. The zero value is a two-sided question
// at 95% with the methods named first.
type Options struct {
	Level float64     `json:"level"` // confidence level, a fraction in (0, 1), one-sided at least 0.5; zero means 0.95
	Sides stats.Sides `json:"sides"` // empty means TwoSided

	// Difference is the interval of the difference. For arms: WelchT
	// (empty), PooledT or NormalZ, which is also the test. For proportions: Score
	// (empty), Wald, AgrestiCaffo or Newcombe; the test is the pooled z.
	Difference Method `json:"difference"`
	// Lift is the interval of the relative lift. For arms: Delta (empty),
	// LogRatio or Fieller. For proportions: Score (empty), Log or LogAdjusted.
	Lift Method `json:"lift"`
}

// filled is o with its defaults, where the first method of each list is the
// default; or an error.
func (o Options) filled(difference, lift []Method) (Options, error) {
	o.Level, o.Sides = cmp.Or(o.Level, 0.95), cmp.Or(o.Sides, stats.TwoSided)
	o.Difference, o.Lift = cmp.Or(o.Difference, difference[0]), cmp.Or(o.Lift, lift[0])
	return o, input.First(input.Fraction("Level", o.Level),
		input.OneOf("Sides", o.Sides, stats.TwoSided, stats.Greater, stats.Less),
		input.OneOf("Difference", o.Difference, difference...), input.OneOf("Lift", o.Lift, lift...),
		input.Check(o.Sides == stats.TwoSided || o.Level >= 0.5, "Level", o.Level, "a one-sided interval below 0.5 leaves out the estimate itself"))
}

// choose is the choice, or the first of the allowed where it was left empty.
// tail is the probability beyond one end of the interval.
func (o Options) tail() float64 {
	if o.Sides == stats.TwoSided {
		return (1 - o.Level) / 2
	}
	return 1 - o.Level
}

// z is the normal quantile of the interval.
func (o Options) z() float64 { return -norm.Quantile(o.tail()) }

// reference is the distribution that a statistic is compared with: Student's t
// with df ≥ 1 degrees of freedom, or the normal where df is 0.
type reference struct{ df float64 }

// below is P(T ≤ x), precise in the lower tail. The incomplete beta function, its
// usual form, loses digits with df: 7 of them are left at 10⁸, none at 10¹⁵.
func (r reference) below(x float64) float64 {
	if r.df == 0 {
		return norm.CDF(x)
	}
	return noncentral.Tail(-x, r.df, 0)
}

// critical is the quantile that leaves a probability of tail above it. Above 10,000
// degrees of freedom the expansion in 1/df is exact, and the fastest.
//
// Source: Abramowitz & Stegun (1964), 26.7.5.
func (r reference) critical(tail float64) float64 {
	z := -norm.Quantile(tail)
	switch {
	case r.df == 0:
		return z
	case r.df > 1e4:
		s := z * z
		return z + z*((s+1)/4+((5*s+16)*s+3)/96/r.df+(((3*s+19)*s+17)*s-15)/384/r.df/r.df)/r.df
	}
	return noncentral.Critical(tail, r.df)
}
