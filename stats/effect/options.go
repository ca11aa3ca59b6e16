package effect

import (
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/noncentral"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// Sides says which differences count against "no difference".
type Sides string

const (
	TwoSided Sides = "two-sided" // either direction
	Greater  Sides = "greater"   // treatment larger: intervals are Above, or a ray
	Less     Sides = "less"      // treatment smaller: intervals are Below
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
	Level float64 `json:"level"` // confidence level, a fraction in (0, 1), one-sided at least 0.5; zero means 0.95
	Sides Sides   `json:"sides"` // empty means TwoSided

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
	o.Level = input.Or(o.Level, 0.95)
	if err := input.Fraction("Level", o.Level); err != nil {
		return o, err
	}
	sides, ok := choose(o.Sides, TwoSided, Greater, Less)
	if !ok {
		return o, &input.Error{Field: "Sides", Reason: "must be two-sided, greater or less, not " + string(o.Sides)}
	}
	o.Sides = sides
	if err := input.Check(sides == TwoSided || o.Level >= 0.5, "Level", o.Level, "a one-sided interval below 0.5 leaves out the estimate itself"); err != nil {
		return o, err
	}
	if o.Difference, ok = choose(o.Difference, difference...); !ok {
		return o, &input.Error{Field: "Difference", Reason: "must be one of " + list(difference) + " here"}
	}
	if o.Lift, ok = choose(o.Lift, lift...); !ok {
		return o, &input.Error{Field: "Lift", Reason: "must be one of " + list(lift) + " here"}
	}
	return o, nil
}

// choose is the choice, or the first of the allowed where it was left empty.
func choose[T ~string](choice T, allowed ...T) (T, bool) {
	if choice == "" {
		return allowed[0], true
	}
	for _, a := range allowed {
		if choice == a {
			return a, true
		}
	}
	return choice, false
}

func list(methods []Method) string {
	s := ""
	for i, m := range methods {
		if i > 0 {
			s += ", "
		}
		s += string(m)
	}
	return s
}

// tail is the probability beyond one end of the interval.
func (o Options) tail() float64 {
	if o.Sides == TwoSided {
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
